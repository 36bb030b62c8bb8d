"""What is shown of the pictures behind a report: chosen, bounded, ready to be drawn by the page and the portal."""

from __future__ import annotations

from dataclasses import dataclass

from engine.evaluation.metrics import metric
from engine.report.heat import heat_address
from engine.specs.evaluation import ClassScore
from engine.specs.picture_findings import ConfusedPair, Gaze, PictureFindings, Robustness, ShownPicture
from engine.specs.report import Report
from engine.specs.wording import figure, share
from engine.words import words

MOST_SUSPECTS = 24
MOST_CLASSES = 60
#: Below this share of right answers, doubts about labels are mostly a model's own mistakes; AM452 is silent then.
_OFTEN_RIGHT = 0.7
#: A figure that loses as much (of 1, or of itself where it is an error) is marked.
_FELL = 0.1


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One picture.   picture, heat: addresses that hold them, "" for none.   name: its name in the source.

    given: what its label says.   said: what the model says, or suggests.   sure: how sure it is, ready to read.
    """

    row: int
    name: str
    picture: str
    given: str
    said: str
    sure: str = ""
    heat: str = ""


@dataclass(frozen=True, kw_only=True)
class TileGroup:
    """Pictures that stand together.   title: names from the data and words of ours.   note: a sentence."""

    title: str
    tiles: tuple[Tile, ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class StrainRow:
    """One way in which pictures were changed.   cells: (figure ready to read, whether it fell much)."""

    title: str
    help: str
    cells: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, kw_only=True)
class PictureView:
    """Everything that is shown of the pictures.   clean: the figure on pictures as they are, ready to read."""

    mistakes: tuple[Tile, ...]
    pairs: tuple[TileGroup, ...]
    classes: tuple[ClassScore, ...]
    suspects: tuple[Tile, ...]
    suspects_note: str
    contradictions: tuple[TileGroup, ...]
    gaze: tuple[Tile, ...]
    strains: tuple[StrainRow, ...]
    strains_title: str
    strains_rows: int
    clean: str
    notes: tuple[str, ...]


def picture_view(report: Report) -> PictureView | None:
    """Prepare the pictures of `report`; None where it has none."""
    found = report.pictures
    if found is None:
        return None
    classes = report.evaluation.classes if report.evaluation is not None else ()
    return PictureView(
        mistakes=tuple(_tile(one) for one in found.mistakes),
        pairs=tuple(_pair(pair) for pair in found.confused),
        classes=classes[:MOST_CLASSES],
        suspects=_suspects(found),
        suspects_note=_with_caution(_suspects_note(found), report, found),
        contradictions=_contradictions(found),
        gaze=_gaze(found.gaze) if found.gaze is not None else (),
        strains=_strains(found.robustness) if found.robustness is not None else (),
        strains_title=found.robustness.title if found.robustness is not None else "",
        strains_rows=found.robustness.rows if found.robustness is not None else 0,
        clean=_figure(found.robustness, found.robustness.clean) if found.robustness is not None else "",
        notes=_notes(found),
    )


def _tile(one: ShownPicture) -> Tile:
    return Tile(
        row=one.row,
        name=one.path,
        picture=_address(one.thumbnail),
        given=one.truth,
        said=one.answered,
        sure=share(one.score) if one.top else "",
        heat=heat_address(one.heat),
    )


def _address(thumbnail: str) -> str:
    return f"data:image/jpeg;base64,{thumbnail}" if thumbnail else ""


def _pair(pair: ConfusedPair) -> TileGroup:
    return TileGroup(
        title=f"{pair.actual} → {pair.answered}",
        note=words(
            "{rows:,} of {of:,} pictures; the other way round {back:,}.",
            rows=pair.rows,
            of=pair.of,
            back=pair.back,
        ),
        tiles=tuple(_tile(one) for one in pair.pictures),
    )


def _suspects(found: PictureFindings) -> tuple[Tile, ...]:
    return tuple(
        Tile(
            row=one.row,
            name=one.path,
            picture=_address(one.thumbnail),
            given=one.given,
            said=one.suggested,
            sure=share(one.score),
        )
        for one in found.suspects[:MOST_SUSPECTS]
    )


def _suspects_note(found: PictureFindings) -> str:
    if not found.judged:
        return ""
    if not found.suspected:
        return words(
            "Of {judged:,} pictures that the model did not learn from, none has a label that it surely doubts.",
            judged=found.judged,
        )
    return words(
        "Of {judged:,} pictures that the model did not learn from, {suspected:,} have a label that it doubts; the most "
        "doubtful come first.",
        judged=found.judged,
        suspected=found.suspected,
    )


def _with_caution(note: str, report: Report, found: PictureFindings) -> str:
    """Say beside the doubts how often the model is wrong itself, where that is often."""
    scores = report.evaluation.scores if report.evaluation is not None else ()
    right = next((score.value for score in scores if score.name == "accuracy"), 1.0)
    if not found.suspected or right >= _OFTEN_RIGHT:
        return note
    return words(
        "{note} It is right about {share} of the test pictures only, so many of these doubts are its own mistakes.",
        note=note,
        share=share(right),
    )


def _contradictions(found: PictureFindings) -> tuple[TileGroup, ...]:
    return tuple(
        TileGroup(
            title=" ≠ ".join(dict.fromkeys(label for _, _, label, _ in group.pictures)),
            tiles=tuple(
                Tile(row=row, name=name, picture=_address(picture), given=label, said="")
                for row, name, label, picture in group.pictures
            ),
        )
        for group in found.contradictions
    )


def _gaze(found: Gaze) -> tuple[Tile, ...]:
    return tuple(
        Tile(
            row=one.example.row if one.example is not None else 0,
            name=one.example.path if one.example is not None else "",
            picture=_address(one.example.thumbnail) if one.example is not None else "",
            given=one.label,
            said="",
            heat=heat_address(one.heat),
        )
        for one in found.classes
    )


def _strains(found: Robustness) -> tuple[StrainRow, ...]:
    return tuple(
        StrainRow(
            title=one.title,
            help=one.help,
            cells=tuple(
                ("–", False) if score is None else (_figure(found, score), _fell(found, score))
                for score in one.scores
            ),
        )
        for one in found.strains
    )


def _figure(found: Robustness, value: float) -> str:
    return share(value) if metric(found.metric).best == 1.0 else figure(value)


def _fell(found: Robustness, score: float) -> bool:
    decider = metric(found.metric)
    whole = 1.0 if decider.greater_is_better else max(abs(found.clean), 1e-12)
    return decider.gain(found.clean, score) > _FELL * whole


def _notes(found: PictureFindings) -> tuple[str, ...]:
    """Say what time left undone, so that nobody takes it for good news."""
    told = {
        "answers": words("There was time to ask about {n:,} of the test pictures only.", n=found.rows),
        "gaze": words("There was no time to see everywhere where the model looks."),
        "robustness": words("There was no time to try every change on the pictures."),
    }
    return tuple(told[part] for part in found.unfinished)
