"""The labels of a set of pictures as people have changed them: the imported ones, and every change played over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from engine.specs.codec import from_json
from engine.specs.pictures import LabelEdit
from engine.specs.schema import Column, Schema

#: Of a set that came without labels, the column that people's own ones stand in.
LABEL = "label"
_NONE = -1


@dataclass(frozen=True)
class Labels:
    """The labels of all pictures, by row.

    classes: names by code; a name that was merged away stays and has no pictures.
    codes: (rows,) int32, -1 for none.   excluded, changed: (rows,) bool; changed compares with the import.
    """

    classes: tuple[str, ...]
    codes: npt.NDArray[np.int32]
    excluded: npt.NDArray[np.bool_]
    changed: npt.NDArray[np.bool_]

    def of(self, rows: Sequence[int]) -> tuple[str, ...]:
        """Return the class of each row, "" for none."""
        return tuple(self.classes[code] if code != _NONE else "" for code in self.codes[list(rows)])

    def counts(self) -> tuple[tuple[str, int], ...]:
        """Return (class, pictures that are not left out), most first; classes without pictures are not told."""
        kept = self.codes[(self.codes != _NONE) & ~self.excluded]
        found = np.bincount(kept, minlength=len(self.classes))
        pairs = [(name, int(n)) for name, n in zip(self.classes, found, strict=True) if n]
        return tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))

    @property
    def unlabelled(self) -> int:
        """How many pictures have no class and are not left out."""
        return int(np.count_nonzero((self.codes == _NONE) & ~self.excluded))


def label_column(schema: Schema) -> Column | None:
    """Return the column that names the class of a picture: `label`, else the first that may; None where none does."""
    fitting = [
        column
        for column in schema.columns
        if column.measured_from is None and column.semantic in ("category", "boolean", "constant", "number")
        if column.physical in ("string", "int64")
    ]
    named = [column for column in fitting if column.name == LABEL]
    return next(iter((*named, *fitting)), None)


def read_labels(data: Path, column: str | None) -> Labels:
    """Return the labels as they were imported.

    Args: data: data.parquet of an import.   column: of the classes; None for a set without labels.
    """
    if column is None:
        with pyarrow.parquet.ParquetFile(data) as file:
            rows = file.metadata.num_rows
        return _untouched((), np.full(rows, _NONE, np.int32))
    values = pyarrow.parquet.read_table(data, columns=[column]).column(0)
    coded = pc.cast(values, pa.string()).combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    codes = pc.fill_null(coded.indices, _NONE).to_numpy(zero_copy_only=False).astype(np.int32)
    return _untouched(tuple(str(name) for name in coded.dictionary.to_pylist()), codes)


def play(labels: Labels, edits: Iterable[LabelEdit]) -> Labels:
    """Return the labels after the edits, in their order; rows that are not there are passed over."""
    names = {name: code for code, name in enumerate(labels.classes)}
    codes, excluded = labels.codes.copy(), labels.excluded.copy()

    def code_of(name: str) -> int:
        return names.setdefault(name, len(names)) if name else _NONE

    for edit in edits:
        rows = [row for row in edit.rows if 0 <= row < len(codes)]
        if edit.action == "label":
            codes[rows] = code_of(edit.label)
        elif edit.action == "rename":
            if edit.old in names:
                codes[codes == names[edit.old]] = code_of(edit.label)
        else:
            excluded[rows] = edit.action == "exclude"
    # A class has one code before and after: names need not be compared.
    return Labels(tuple(names), codes, excluded, (labels.codes != codes) | excluded)


def edits_of(lines: Iterable[Mapping[str, Any]]) -> tuple[LabelEdit, ...]:
    """Return the edits that stand, of the lines of a log: {"edit": …} made one, {"undo": true} took the last one back.

    Raises: InvalidSpec for an edit that is none.
    """
    standing: list[LabelEdit] = []
    for line in lines:
        if "edit" in line:
            standing.append(from_json(LabelEdit, line["edit"]))
        elif line.get("undo") and standing:
            standing.pop()
    return tuple(standing)


def _untouched(classes: tuple[str, ...], codes: npt.NDArray[np.int32]) -> Labels:
    return Labels(classes, codes, np.zeros(len(codes), bool), np.zeros(len(codes), bool))
