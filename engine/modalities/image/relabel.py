"""Write a set of pictures anew with other labels: the same pictures, byte for byte, without those left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet

from engine.errors import BadData
from engine.files import read_json, write_json
from engine.modalities.image.labelling import LABEL, Labels, play, read_labels
from engine.modalities.image.sheet import LOOK_ALIKES, twins
from engine.modalities.table.importing import DATA, SCHEMA, SUMMARY
from engine.specs.codec import from_json, to_json
from engine.specs.dataset import ImportSummary
from engine.specs.pictures import LabelEdit
from engine.specs.schema import Column, Schema
from engine.words import words

_BATCH = 64
#: Pictures are large: a row group ends at whichever of these comes first.
_GROUP_ROWS, _GROUP_BYTES = 1024, 64 << 20


def relabel(
    source: Path,
    target: Path,
    *,
    label: str | None,
    edits: Iterable[LabelEdit],
    progress: Callable[[float], None] | None = None,
) -> list[int]:
    """Write the dataset folder `target` of the one at `source`, and return the rows that were kept, in order.

    label: column of the classes; None for a set without one, which gets a column `LABEL`.   Memory is bounded.
    Raises: BadData when no picture is left; OSError.
    """
    schema = from_json(Schema, read_json(source / SCHEMA))
    after = play(read_labels(source / DATA, label), edits)
    kept = np.flatnonzero(~after.excluded)
    if not len(kept):
        raise BadData(
            words("Every picture was left out, so nothing would remain."),
            remedy=words("Take some of them back, then make the version again."),
        )
    name = label if label is not None else LABEL
    _write(source / DATA, target / DATA, after, name, progress)
    write_json(target / SCHEMA, to_json(_schema(schema, name, after, is_new=label is None)))
    old = from_json(ImportSummary, read_json(source / SUMMARY))
    write_json(target / SUMMARY, to_json(_summary(old, after, len(kept))))
    return [int(row) for row in kept]


def _write(
    source: Path, target: Path, after: Labels, label: str, progress: Callable[[float], None] | None
) -> None:
    groups = _groups(source, after.excluded)
    names = np.array([*after.classes, None], object)
    with pyarrow.parquet.ParquetFile(source) as file:
        start, rows = 0, max(1, file.metadata.num_rows)

        def made() -> Iterator[pa.Table]:
            nonlocal start
            for batch in file.iter_batches(batch_size=_BATCH):
                span = slice(start, start + batch.num_rows)
                start += batch.num_rows
                table = _put(pa.Table.from_batches([batch]), label, names[after.codes[span]])
                if LOOK_ALIKES in table.column_names:
                    table = _put(table, LOOK_ALIKES, groups[span])
                yield table.filter(pa.array(~after.excluded[span]))
                if progress is not None:
                    progress(start / rows)

        _write_groups(made(), target)


def _write_groups(tables: Iterable[pa.Table], target: Path) -> None:
    """Write tables of few rows as row groups of many."""
    held: list[pa.Table] = []
    with ExitStack() as stack:
        writer = None
        for table in chain(tables, (None,)):
            is_end = table is None
            if table is not None:
                held.append(table)
            is_full = (
                sum(t.num_rows for t in held) >= _GROUP_ROWS or sum(t.nbytes for t in held) >= _GROUP_BYTES
            )
            if held and (is_end or is_full):
                group = pa.concat_tables(held)
                held = []
                if writer is None:
                    writer = stack.enter_context(pyarrow.parquet.ParquetWriter(target, group.schema))
                writer.write_table(group)


def _groups(source: Path, excluded: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    """Return the group of look-alikes of each picture; one that has lost all its twins is in none."""
    names = twins(source)
    held, counts = np.unique(names[~excluded], return_counts=True)
    alone = set(held[counts < 2].tolist()) | {""}
    return np.array([None if name in alone else name for name in names], object)


def _put(table: pa.Table, name: str, values: npt.NDArray[np.object_]) -> pa.Table:
    """Return the table with text in the place of a column, or beside the first one where there was none."""
    cells = pa.array(values.tolist(), pa.string())
    at = table.schema.get_field_index(name)
    return table.set_column(at, name, cells) if at >= 0 else table.add_column(1, name, cells)


def _schema(schema: Schema, name: str, after: Labels, *, is_new: bool) -> Schema:
    one_class = len(after.counts()) < 2 and not after.unlabelled
    column = Column(
        name=name,
        source_name=name,
        physical="string",
        semantic="constant" if one_class else "category",
    )
    if is_new:
        first, *rest = schema.columns
        return replace(schema, columns=(first, column, *rest))
    column = replace(column, source_name=schema.column(name).source_name)
    return replace(schema, columns=tuple(column if one.name == name else one for one in schema.columns))


def _summary(old: ImportSummary, after: Labels, kept: int) -> ImportSummary:
    changed = int((after.changed & ~after.excluded).sum())
    note = words(
        "Made of {rows:,} pictures: {changed:,} with another label, {left:,} left out.",
        rows=len(after.codes),
        changed=changed,
        left=int(after.excluded.sum()),
    )
    return replace(old, rows_read=kept, rows_imported=kept, rows_rejected=0, notes=(*old.notes, note))
