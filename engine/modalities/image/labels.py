"""Pictures with a label table: one row of a table per picture, its columns beside the picture."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow.parquet

from engine.errors import BadCommand, BadData
from engine.files import read_json
from engine.modalities.image.columns import RESERVED
from engine.modalities.image.folders import read_entry
from engine.modalities.image.layout import is_picture_name, lay_out
from engine.modalities.image.names import NameIndex
from engine.modalities.image.source import Cell, Found, label_column, set_column
from engine.modalities.table.importing import DATA, REJECTS, SCHEMA, SUMMARY, import_table
from engine.modalities.table.limits import ImportLimits
from engine.providers.archive import TABLE_SUFFIXES
from engine.providers.files import Entry, Files, TooMuch, unpack_file
from engine.specs.codec import from_json
from engine.specs.dataset import ImportSummary
from engine.specs.schema import Column, Schema
from engine.words import words

#: Notes and annotations may be texts too; where there are many of them they are no label tables.
_UNLIKELY = frozenset({".txt", ".data", ".json"})
_MOST_TABLES, _MOST_UNLIKELY = 12, 3
_LARGEST_TABLE = 2 << 30
_SAMPLE_ROWS = 1000
_LEAST_SHARE = 0.5
_BATCH = 4096
#: Bytes of files held, in case that the table names them again.
_HELD_BYTES = 8 << 20


@dataclass(frozen=True, kw_only=True)
class LabelTable:
    """A table whose column `key` names pictures of the source; it was imported into `folder`.

    share: of its first rows that name one.
    """

    entry: Entry
    folder: Path
    schema: Schema
    key: str
    share: float
    has_header: bool

    @property
    def row_count(self) -> int:
        """How many rows the table has."""
        with pyarrow.parquet.ParquetFile(self.folder / DATA) as file:
            return int(file.metadata.num_rows)

    def rows(self, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Yield the rows as mappings, in file order, in bounded memory."""
        with pyarrow.parquet.ParquetFile(self.folder / DATA) as file:
            for batch in file.iter_batches(batch_size=_BATCH, columns=list(columns)):
                yield from batch.to_pylist()


class LabelledPictures:
    """The pictures that a label table names, in its order, then those that it leaves out.

    Where the table has no classes but the folders have, `label` is the folder's; sets are always the folders'.
    """

    format = "images"

    def __init__(self, files: Files, table: LabelTable, index: NameIndex) -> None:
        self._files, self._table, self._index = files, table, index
        self._layout = lay_out([entry.name for entry in files.entries])
        others = [column for column in table.schema.columns if column.name != table.key]
        self._names = _free_names([column.name for column in others])
        if len(others) == 1 and not table.has_header:
            self._names[others[0].name] = "label"
        self.columns: tuple[Column, ...] = tuple(
            replace(column, name=self._names[column.name]) for column in others
        )
        has_classes = any(column.semantic in ("category", "boolean") for column in others)
        self._held: dict[int, bytes] = {}
        self._held_bytes = 0
        self._has_label = self._layout.has_classes and not has_classes and "label" not in self._names.values()
        if self._has_label:
            self.columns = (label_column(), *self.columns)
        if self._layout.has_sets:
            self.columns += (set_column(),)
        self.total = table.row_count + len(files.entries)
        self.notes: tuple[str, ...] = (
            words("Labels were read from {name!r}.", name=table.entry.name[-200:]),
        )

    def entries(self) -> Iterator[Found]:
        """Yield a picture for every row of the table, then every other file."""
        entries = self._files.entries
        # How often each file was named: eight bytes per file, as there may be millions.
        named = array("L", bytes(array("L").itemsize * len(entries)))
        named[self._table.entry.number - 1] = 1
        yield from self._rejected_rows()
        for number, row in enumerate(self._table.rows(self._table.schema.names), start=1):
            written = row.pop(self._table.key)
            place = None if written is None else self._index.find(_text(written))
            if place is None:
                problem = f"The table {self._table.entry.name!r} names no picture, or one that is not there."
                yield Found(number=number, name=_text(written), picture=None, problem=problem)
                continue
            named[place] += 1
            found = self._read(place, self._values(entries[place], row))
            # A table may name a file again; paths tell rows apart.
            yield found if named[place] == 1 else replace(found, name=f"{found.name}#{named[place]}")
        for place, entry in enumerate(entries):
            if not named[place]:
                yield read_entry(self._files, entry, self._values(entry, {}))

    def _read(self, place: int, values: Mapping[str, Cell]) -> Found:
        """Read the file at `place`; one that was just read is the same object."""
        entry = self._files.entries[place]
        held = self._held.get(place)
        if held is not None:
            return Found(number=entry.number, name=entry.name, picture=held, values=values)
        found = read_entry(self._files, entry, values)
        if isinstance(found.picture, bytes):
            self._held[place] = found.picture
            self._held_bytes += len(found.picture)
            while self._held_bytes > _HELD_BYTES:
                self._held_bytes -= len(self._held.pop(next(iter(self._held))))
        return found

    def _values(self, entry: Entry, row: Mapping[str, Cell]) -> dict[str, Cell]:
        """What the table and the folders say of a file."""
        said: dict[str, Cell] = {self._names[name]: value for name, value in row.items()}
        if self._has_label:
            said["label"] = self._layout.label_of(entry.name)
        if self._layout.has_sets:
            said["set"] = self._layout.set_of(entry.name)
        return said

    def _rejected_rows(self) -> Iterator[Found]:
        """The rows of the table that are no rows of a table."""
        with (self._table.folder / REJECTS).open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                reason = f"Table {self._table.entry.name!r}: {line['reason']}"
                yield Found(number=int(line["line"]), name=line["text"][:200], picture=None, problem=reason)


def find_label_table(
    files: Files, index: NameIndex, scratch: Path, limits: ImportLimits
) -> LabelTable | None:
    """Return the table that names most of its pictures, None when there is none that names half of them.

    Where folders name classes, a table that names less than half of all pictures is only a list of some.
    Args: scratch: an empty folder that outlives the reading of the pictures.   Raises: TooMuch.
    """
    best: LabelTable | None = None
    for position, entry in enumerate(_likely_tables(files)):
        folder = scratch / str(position)
        folder.mkdir()
        schema = _import(files, entry, folder, limits)
        found = schema and _find_key(entry, folder, schema, index)
        if found and (best is None or found.share > best.share):
            best = found
    if best is not None and lay_out([entry.name for entry in files.entries]).has_classes:
        pictures = sum(1 for entry in files.entries if is_picture_name(entry.name))
        best = best if best.row_count >= _LEAST_SHARE * pictures else None
    return best


def _likely_tables(files: Files) -> list[Entry]:
    tables = [
        entry
        for entry in files.entries
        if PurePosixPath(entry.name).suffix.lower() in TABLE_SUFFIXES and 0 < entry.bytes <= _LARGEST_TABLE
    ]
    likely = [entry for entry in tables if PurePosixPath(entry.name).suffix.lower() not in _UNLIKELY]
    unlikely = [entry for entry in tables if PurePosixPath(entry.name).suffix.lower() in _UNLIKELY]
    likely.sort(key=lambda entry: (entry.name.count("/"), -entry.bytes))
    return likely[:_MOST_TABLES] + (unlikely if len(unlikely) <= _MOST_UNLIKELY else [])


def _import(files: Files, entry: Entry, folder: Path, limits: ImportLimits) -> Schema | None:
    """Import a table as any other is; None when it is none."""
    path = folder / f"table{PurePosixPath(entry.name).suffix.lower()}"
    try:
        unpack_file(files, entry, path)
        import_table(path, folder, limits=limits, progress=lambda share: None)
    except TooMuch:
        raise
    except (BadCommand, BadData):
        return None
    finally:
        path.unlink(missing_ok=True)
    return from_json(Schema, read_json(folder / SCHEMA))


def _find_key(entry: Entry, folder: Path, schema: Schema, index: NameIndex) -> LabelTable | None:
    """The column whose values name files, by the first rows."""
    best: LabelTable | None = None
    has_header = from_json(ImportSummary, read_json(folder / SUMMARY)).has_header
    for column in schema.columns:
        if column.physical == "double":
            continue
        table = LabelTable(
            entry=entry, folder=folder, schema=schema, key=column.name, share=0.0, has_header=has_header
        )
        values = []
        for row in table.rows([column.name]):
            values.append(row[column.name])
            if len(values) == _SAMPLE_ROWS:
                break
        named = sum(1 for value in values if value is not None and index.find(_text(value)) is not None)
        share = named / max(len(values), 1)
        if share >= _LEAST_SHARE and (best is None or share > best.share):
            best = replace(table, share=share)
    return best


def picture_index(files: Files) -> NameIndex:
    """Return the index of a source's files; only those called like pictures where any are, else all."""
    names = [entry.name if is_picture_name(entry.name) else "" for entry in files.entries]
    return NameIndex(names if any(names) else [entry.name for entry in files.entries])


def _free_names(names: Sequence[str]) -> dict[str, str]:
    """Names for the dataset: a column called as one of the dataset's own gets a number."""
    taken, free = set(RESERVED), {}
    for name in names:
        chosen, number = name, 2
        while chosen in taken or (chosen != name and chosen in names):
            chosen, number = f"{name}_{number}", number + 1
        taken.add(chosen)
        free[name] = chosen
    return free


def _text(value: Cell) -> str:
    return "" if value is None else str(value)
