"""What the pictures themselves say about a model that reads them: beside the figures, what a person must see.

Small pictures are JPEG files in base64, so that a report shows them without asking for anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.specs.split import SetName

#: Row by row from the top left: how much the answer's score falls where a patch hides that part of the picture.
Heat = tuple[tuple[float, ...], ...]
#: Parts of the examination that time may cut short.
Part = Literal["answers", "gaze", "robustness"]


@dataclass(frozen=True, kw_only=True)
class ShownPicture:
    """One picture with its answer.

    row: 0-based, of the imported table.   path: its name in the source.   truth, answered: a class, or a number as a
    person writes it.   score: probability of the answered class, or the answered number.
    top: the most probable classes, best first.   heat: empty where there was no time to look.
    """

    row: int
    path: str
    truth: str
    answered: str
    score: float
    top: tuple[tuple[str, float], ...] = ()
    thumbnail: str = ""
    heat: Heat = ()


@dataclass(frozen=True, kw_only=True)
class ConfusedPair:
    """Test pictures of one class that are taken for another.

    rows: how many.   back: how many the other way round.   of: test pictures of the actual class.
    either: share of the pictures of both classes that are taken for the other one.
    expected: `rows` and `back` together, did the errors of both classes spread evenly over all others.
    """

    actual: str
    answered: str
    rows: int
    back: int
    of: int
    either: float
    expected: float
    pictures: tuple[ShownPicture, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LabelSuspect:
    """A picture whose label is probably wrong.   given_score, score: probabilities of the given and suggested class."""

    row: int
    path: str
    held_in: SetName
    given: str
    suggested: str
    given_score: float
    score: float
    thumbnail: str = ""


@dataclass(frozen=True, kw_only=True)
class StrainScore:
    """The figure on pictures that were changed in one way.

    title: what was done to them.   help: how much at each strength.   scores: mild, middle, strong; None where there
    was no time.
    """

    kind: str
    title: str
    help: str
    scores: tuple[float | None, ...]


@dataclass(frozen=True, kw_only=True)
class Robustness:
    """How the figure holds on changed pictures.   metric: its name.   clean: on the same pictures as they are."""

    metric: str
    title: str
    rows: int
    clean: float
    strains: tuple[StrainScore, ...]


@dataclass(frozen=True, kw_only=True)
class ClassGaze:
    """Where the model looks in pictures of one class that it recognises: the mean map, whose cells sum to 1."""

    label: str
    pictures: int
    heat: Heat
    example: ShownPicture | None = None


@dataclass(frozen=True, kw_only=True)
class Gaze:
    """Where the model looks.

    border_share: mean share of a map's weight in the outer eighth on each side.   border_area: that border's share of
    the picture.
    """

    pictures: int
    border_share: float
    border_area: float
    classes: tuple[ClassGaze, ...]


@dataclass(frozen=True, kw_only=True)
class Telling:
    """How much one measured column tells by itself on test rows, learned from the other rows.

    skill: 0 is guessing, 1 is perfect.   score, guessing: shares named right; None for a number as target.
    """

    column: str
    skill: float
    score: float | None = None
    guessing: float | None = None


@dataclass(frozen=True, kw_only=True)
class Contradiction:
    """Pictures that look alike but have different labels.   pictures: (row, path, label, small picture)."""

    pictures: tuple[tuple[int, str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class PictureFindings:
    """Everything that looking at the pictures said.

    image: the column of pictures.   rows: test pictures that were asked about; all of them unless there are very many.
    judged: pictures that no model had learned from, whose labels were checked.   suspected, contradicted: how many
    labels and groups of look-alikes are in doubt; the most doubtful are listed.
    unfinished: parts that time cut short.
    """

    image: str
    rows: int
    mistakes: tuple[ShownPicture, ...] = ()
    confused: tuple[ConfusedPair, ...] = ()
    judged: int = 0
    suspected: int = 0
    suspects: tuple[LabelSuspect, ...] = ()
    robustness: Robustness | None = None
    gaze: Gaze | None = None
    telling: tuple[Telling, ...] = ()
    contradicted: int = 0
    contradictions: tuple[Contradiction, ...] = ()
    unfinished: tuple[Part, ...] = ()
    version: int = 1
