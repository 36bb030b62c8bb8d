"""What every source of pictures gives to the import: pictures one by one, and what is known of each beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.modalities.image.decoding import Pixels
from engine.specs.schema import Column

Cell = str | int | float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One entry of a source.

    number: its place in the source, from 1.
    name: of its file, relative: the `path` of the dataset. No two readable pictures have the same.
    picture: a file's bytes, or pixels (H, W, 3) or (H, W) where the source holds no files; None when it could not
        be read.   problem: why not, then.
    values: of the source's columns, by name; those left out are missing.
    """

    number: int
    name: str
    picture: bytes | Pixels | None
    problem: str = ""
    values: Mapping[str, Cell] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes that the picture takes as it is here."""
        held = self.picture
        return 0 if held is None else len(held) if isinstance(held, bytes) else held.nbytes


class Pictures(Protocol):
    """A source that was understood.

    format: one word for the import's record.   columns: those beside the picture, `label` first where it is one.
    total: entries to come, for the progress.   notes: sentences about how the source was read.
    """

    format: str
    columns: tuple[Column, ...]
    total: int
    notes: tuple[str, ...]

    def entries(self) -> Iterator[Found]:
        """Yield every entry in the order of the dataset.   Raises: BadData when no more can be read at all."""
        ...


def label_column(name: str = "label") -> Column:
    """Return the column of class names."""
    return Column(name=name, source_name=name, physical="string", semantic="category")


def set_column() -> Column:
    """Return the column that says which part of the source a picture came from ("train", "test").

    Nobody who asks a model has it, so it is never learned from unless a person wants it.
    """
    return Column(
        name="set", source_name="set", physical="string", semantic="category", measured_from="image"
    )
