"""Import pictures: any form people have them in, the same dataset as of a table out, with one column of pictures."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet

from engine.errors import NoSpace
from engine.files import write_json
from engine.modalities.image.columns import picture_schema
from engine.modalities.image.opening import no_pictures, open_pictures
from engine.modalities.image.reading import read_rows
from engine.modalities.image.source import Pictures
from engine.modalities.image.writing import PictureWriter
from engine.modalities.table.importing import DATA, REJECTS, SCHEMA, SUMMARY
from engine.modalities.table.limits import ImportLimits
from engine.modalities.table.records import Rejects
from engine.specs.codec import to_json
from engine.specs.dataset import ImportSummary
from engine.specs.pictures import LOOK_ALIKES
from engine.specs.schema import Schema
from engine.words import words

#: Rows whose groups and labels are compared at a time.
_READ_ROWS = 4096


def import_images(
    source: Path, folder: Path, *, limits: ImportLimits, progress: Callable[[float], None]
) -> ImportSummary:
    """Read the pictures of `source` into `folder`, which then holds what `import_table` would write there.

    source: a folder or ZIP archive with class folders, with pictures and a table of their labels, with MNIST's idx
        files, or with pictures alone; or a table of pixels. What is no whole picture stands in rejects.csv.
    data.parquet: image (upright, 8-bit RGB or grey PNG or JPEG), the source's own columns (label …), path, set where
        there are sets, width, height, `measures.NAMES`, look_alikes (the group of (near-)doubles, for the split).
    Memory: `limits.threads` × 2 batches of pictures and one row group, whatever the number of pictures, and some 150
        bytes for each different one and 20 for each row. A file that a table names again and again is read and kept
        once in each of these.
    Args:   folder: exists, private to this call; the caller publishes it.   progress: called with shares 0 … 1.
    Raises: BadData when there are no pictures or the archive is hostile, NoSpace when the disk is full.
    """
    try:
        with _swept(folder), Rejects(folder / REJECTS) as rejects, open_pictures(source, limits) as pictures:
            summary = _import(source, folder, pictures, rejects, limits, progress)
    except OSError as problem:
        if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise NoSpace(
                words(
                    "The disk is full; nothing of the imported pictures was kept. Expected room for them twice."
                ),
                remedy=words("Free some space and try again."),
            ) from None
        raise
    write_json(folder / SUMMARY, to_json(summary))
    progress(1.0)
    return summary


def _import(
    source: Path,
    folder: Path,
    pictures: Pictures,
    rejects: Rejects,
    limits: ImportLimits,
    progress: Callable[[float], None],
) -> ImportSummary:
    schema = picture_schema(pictures.columns)
    done = rejected = size = 0
    with PictureWriter(folder, schema) as writer:
        for rows in read_rows(pictures.entries(), limits.threads):
            writer.add(rows)
            for entry, reason in rows.broken:
                rejects.add(entry.number, reason, entry.name)
            rejected += len(rows.broken)
            done += len(rows.broken) + len(rows.entries)
            size += sum(entry.size for entry in rows.entries)
            progress(min(0.9, 0.9 * done / max(pictures.total, 1)))
        if not writer.rows:
            raise no_pictures(source.name, words("{n:,} other or broken files", n=rejected))
        groups = writer.finish(folder / DATA)
        progress(0.98)
    write_json(folder / SCHEMA, to_json(schema))
    return ImportSummary(
        format=pictures.format,
        bytes=source.stat().st_size if source.is_file() else size,
        rows_read=writer.rows + rejected,
        rows_imported=writer.rows,
        rows_rejected=rejected,
        notes=(*pictures.notes, *_about_groups(groups, folder / DATA, schema)),
    )


def _about_groups(groups: npt.NDArray[np.int64], data: Path, schema: Schema) -> tuple[str, ...]:
    """Sentences about pictures that look alike, and about those that are called differently all the same."""
    alike = int((groups >= 0).sum())
    if not alike:
        return ()
    notes = [
        words(
            "{n:,} pictures look like another one ({groups:,} groups, see 'look_alikes'); no split divides a group.",
            n=alike,
            groups=int(groups.max()) + 1,
        )
    ]
    labels = [c.name for c in schema.columns if c.measured_from is None and c.semantic == "category"]
    if len(labels) == 1 and (torn := _torn_groups(data, labels[0])):
        notes.append(words("{n:,} groups of look-alikes stand under more than one label.", n=torn))
    return tuple(notes)


def _torn_groups(data: Path, label: str) -> int:
    """How many groups of look-alikes are called by more than one name."""
    called: dict[str, str] = {}
    torn: set[str] = set()
    with pyarrow.parquet.ParquetFile(data) as file:
        for batch in file.iter_batches(batch_size=_READ_ROWS, columns=[LOOK_ALIKES, label]):
            alike = batch.filter(batch.column(LOOK_ALIKES).is_valid())
            held = (alike.column(name).to_pylist() for name in (LOOK_ALIKES, label))
            for group, name in zip(*held, strict=True):
                if name is not None and called.setdefault(group, name) != name:
                    torn.add(group)
    return len(torn)


@contextmanager
def _swept(folder: Path) -> Iterator[None]:
    """Leave no half-written file behind."""
    try:
        yield
    finally:
        for left in folder.glob(".tmp-*"):
            left.unlink(missing_ok=True)
