"""Read classes and sets off the folders that pictures lie in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from engine.modalities.image.kinds import PICTURE_SUFFIXES
from engine.specs.set_names import SET_NAMES

#: Folders that divide a source into parts, not into classes.
SETS = frozenset(SET_NAMES)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the folders of a source are meant.

    depth: how many outer folders hold everything.   has_sets: the next level are sets such as train and test.
    has_classes: the level after that are classes.
    """

    depth: int
    has_sets: bool
    has_classes: bool

    def set_of(self, name: str) -> str | None:
        """The set of the file called `name`, None where it has none."""
        parts = name.split("/")
        return parts[self.depth] if self.has_sets and len(parts) > self.depth + 1 else None

    def label_of(self, name: str) -> str | None:
        """The class of the file called `name`, None where it has none."""
        place = self.depth + self.has_sets
        parts = name.split("/")
        return parts[place] if self.has_classes and len(parts) > place + 1 else None


def lay_out(names: Sequence[str]) -> Layout:
    """Understand the relative names of all files; only those called like pictures have a say.

    The folders at the first level that divides the pictures are the classes, however deep pictures lie below them.
    One folder alone divides nothing: its pictures have no class.

    >>> lay_out(["flowers/rose/1.jpg", "flowers/tulip/2.jpg", "flowers/README.txt"]).label_of("flowers/rose/1.jpg")
    'rose'
    """
    chosen = [name.split("/") for name in names if is_picture_name(name)] or [n.split("/") for n in names]
    depth = 0
    while chosen and all(len(p) > depth + 1 for p in chosen) and len({p[depth] for p in chosen}) == 1:
        if chosen[0][depth].lower() in SETS:
            break
        depth += 1
    tops = {parts[depth].lower() for parts in chosen if len(parts) > depth + 1}
    has_sets = bool(tops) and tops <= SETS
    place = depth + has_sets
    classes = {parts[place] for parts in chosen if len(parts) > place + 1}
    return Layout(depth=depth, has_sets=has_sets, has_classes=len(classes) > 1)


def is_picture_name(name: str) -> bool:
    """Tell by its ending whether people would call the file a picture."""
    return PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES
