"""Sets of pictures: what a page says of one without opening its table, and what people change about its labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: The column that names groups of (near-)duplicates.
LOOK_ALIKES = "look_alikes"

LabelAction = Literal["label", "rename", "exclude", "include"]


@dataclass(frozen=True, kw_only=True)
class PictureFacts:
    """A set of pictures in a few numbers.

    image: its column of pictures.   label: the column that names their classes; None where nothing does.
    classes: (name, pictures), most first.   unlabelled: pictures of no class.
    look_alikes: pictures that have a (near-)duplicate.
    """

    image: str
    label: str | None
    pictures: int
    classes: tuple[tuple[str, int], ...] = ()
    unlabelled: int = 0
    look_alikes: int = 0
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class LabelEdit:
    """One change that a person made to the labels of a set of pictures.

    action: "label" gives `rows` the class `label` ("" takes theirs away); "rename" calls the class `old` `label`, and
        where there is a class of that name the two become one; "exclude" leaves `rows` out of the next version of
        the set, "include" takes them back.
    rows: 0-based, of the imported table.
    """

    action: LabelAction
    rows: tuple[int, ...] = ()
    label: str = ""
    old: str = ""


@dataclass(frozen=True, kw_only=True)
class SuggestedBy:
    """Which model has suggested labels for which set.

    model: its name.   sha256: of its file.   dataset_id: of the set, whose pictures never change.
    """

    model: str
    version: int
    sha256: str
    dataset_id: str
