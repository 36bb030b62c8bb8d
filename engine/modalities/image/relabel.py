"""Write a set of pictures anew with other labels: the same pictures, byte for byte, without those left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet

from engine.errors import BadData
from engine.files import read_json, write_json
from engine.modalities.image.labelling import LABEL, Labels, play, read_labels
from engine.modalities.image.sheet import LOOK_ALIKES, twins
from engine.modalities.image.stored import only_shown, open_stored, open_writer
from engine.modalities.table.importing import DATA, SCHEMA, SUMMARY
from engine.specs.codec import from_json, to_json
from engine.specs.dataset import ImportSummary
from engine.specs.pictures import LabelEdit
from engine.specs.schema import Column, Schema
from engine.words import words


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
    image = schema.image
    assert image is not None
    _write(source / DATA, target / DATA, image.name, after, name, progress)
    write_json(target / SCHEMA, to_json(_schema(schema, name, after, is_new=label is None)))
    old = from_json(ImportSummary, read_json(source / SUMMARY))
    write_json(target / SUMMARY, to_json(_summary(old, after, len(kept))))
    return [int(row) for row in kept]


def _write(
    source: Path,
    target: Path,
    image: str,
    after: Labels,
    label: str,
    progress: Callable[[float], None] | None,
) -> None:
    """Write row group by row group."""
    groups = _groups(source, after.excluded)
    names = np.array([*after.classes, None], object)
    with ExitStack() as stack:
        file = stack.enter_context(open_stored(source, image))
        writer: pyarrow.parquet.ParquetWriter | None = None
        start, rows = 0, max(1, file.metadata.num_rows)
        for number in range(file.num_row_groups):
            table = file.read_row_group(number)
            span = slice(start, start + table.num_rows)
            start = span.stop
            table = _put(table, label, names[after.codes[span]])
            if LOOK_ALIKES in table.column_names:
                table = _put(table, LOOK_ALIKES, groups[span])
            table = _without(table, image, after.excluded[span])
            if writer is None:
                writer = stack.enter_context(open_writer(target, table.schema))
            writer.write_table(table)
            if progress is not None:
                progress(start / rows)


def _without(table: pa.Table, image: str, excluded: npt.NDArray[np.bool_]) -> pa.Table:
    """Return the rows that are not left out, and none of the pictures that only those showed."""
    kept = table.filter(pa.array(~excluded))
    if not kept.num_rows:
        return kept
    pictures = only_shown(kept.column(image).combine_chunks())
    return kept.set_column(kept.schema.get_field_index(image), image, pictures)


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
