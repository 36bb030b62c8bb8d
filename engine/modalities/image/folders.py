"""Pictures as files: in class folders, or with nothing said of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.errors import BadData
from engine.modalities.image.decoding import MOST_BYTES, not_a_picture
from engine.modalities.image.kinds import kind_of
from engine.modalities.image.layout import lay_out
from engine.modalities.image.source import Cell, Found, label_column, set_column
from engine.providers.files import Entry, Files, TooMuch, read_file
from engine.specs.schema import Column
from engine.words import words


class PictureFolders:
    """Every file of a source; its folders name the classes."""

    format = "images"

    def __init__(self, files: Files, notes: tuple[str, ...] = ()) -> None:
        self._files = files
        self._layout = lay_out([entry.name for entry in files.entries])
        self.total = len(files.entries)
        self.columns: tuple[Column, ...] = (label_column(),)
        self.notes = notes
        if self._layout.has_sets:
            self.columns += (set_column(),)
        if not self._layout.has_classes:
            self.notes += (
                words("No folders name classes and no table names labels: the column 'label' is empty."),
            )

    def entries(self) -> Iterator[Found]:
        """Yield every file in the order of names."""
        for entry in self._files.entries:
            labels = {"label": self._layout.label_of(entry.name), "set": self._layout.set_of(entry.name)}
            yield read_entry(self._files, entry, labels)


def read_entry(files: Files, entry: Entry, values: Mapping[str, Cell]) -> Found:
    """Read one file as a picture to be; what cannot be one is told by its first bytes.   Raises: TooMuch."""

    def check(head: bytes) -> None:
        if kind_of(head) is None:
            raise not_a_picture(head)

    try:
        content = read_file(files, entry, most=MOST_BYTES, check=check)
    except TooMuch:
        raise
    except BadData as problem:
        return Found(number=entry.number, name=entry.name, picture=None, problem=problem.message)
    return Found(number=entry.number, name=entry.name, picture=content, values=values)
