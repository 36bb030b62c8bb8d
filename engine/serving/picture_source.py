"""Stream the pictures of a file, folder, zip or dataset in the form a published model takes, for batch prediction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.errors import BadData
from engine.modalities.image import encode_png
from engine.modalities.image.decoding import MOST_BYTES
from engine.modalities.image.kinds import kind_of
from engine.modalities.image.opening import open_pictures, reads
from engine.modalities.image.source import Found
from engine.modalities.table import ImportLimits
from engine.providers.local_file import check_file
from engine.words import words

#: Columns beside the pictures: where each came from, and why it could not be read.
PATH, PROBLEM = "path", "problem"
#: A batch ends at so many pictures, or so many bytes of their files.
BATCH_PICTURES, BATCH_BYTES = 64, 16 << 20
_HEAD_BYTES = 32
_PARQUET = (".parquet", ".pq")


@dataclass(frozen=True, kw_only=True)
class PictureSource:
    """Pictures that were opened.   total: of them, 0 where that is not known.

    batches: of three columns: the pictures' files, missing where there is none; `PATH`; and `PROBLEM`, a sentence for
        each that cannot be read and missing for others.
    """

    total: int
    batches: Iterator[pa.RecordBatch]


@contextmanager
def open_source(source: Path, name: str, limits: ImportLimits) -> Iterator[PictureSource]:
    """Open one picture, a folder or ZIP archive of them, or the Parquet table of a dataset.

    name: of the column of pictures, as the model's input is called.
    Raises: BadCommand for a path that cannot be read; BadData for one that holds no pictures.
    """
    if source.suffix.lower() in _PARQUET and source.is_file():
        with pq.ParquetFile(source, pre_buffer=False, buffer_size=1 << 20) as file:
            yield PictureSource(total=file.metadata.num_rows, batches=_of_table(file, name, source))
        return
    if source.is_file() and _is_picture(source):
        content = source.read_bytes() if source.stat().st_size <= MOST_BYTES else b""
        found = [Found(number=1, name=source.name, picture=content)]
        yield PictureSource(total=1, batches=_of_entries(found, name))
        return
    if not source.is_dir():
        check_file(source)
    if not reads(source):
        raise _no_pictures(source)
    with open_pictures(source, limits) as pictures:
        yield PictureSource(total=pictures.total, batches=_of_entries(pictures.entries(), name))


def _is_picture(source: Path) -> bool:
    with source.open("rb") as file:
        return kind_of(file.read(_HEAD_BYTES)) is not None


def _of_table(file: pq.ParquetFile, name: str, source: Path) -> Iterator[pa.RecordBatch]:
    present = file.schema_arrow.names
    kind = file.schema_arrow.field(name).type if name in present else None
    if kind is None or not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        raise BadData(
            words(
                "{file!r} has no column {name!r} of pictures. Expected the table of a dataset of pictures.",
                file=source.name,
                name=name,
            ),
            remedy=words("Give pictures, a folder or a zip of them, or a dataset's data.parquet."),
        )
    columns = [name, *([PATH] if PATH in present else [])]
    for batch in file.iter_batches(BATCH_PICTURES, columns=columns):
        paths = (
            batch.column(PATH).cast(pa.string()) if len(columns) > 1 else pa.nulls(len(batch), pa.string())
        )
        yield _batch(name, batch.column(name).cast(pa.binary()), paths, [None] * len(batch))


def _of_entries(entries: Iterable[Found], name: str) -> Iterator[pa.RecordBatch]:
    held: list[Found] = []
    size = 0
    for entry in entries:
        held.append(entry)
        size += entry.size
        if len(held) == BATCH_PICTURES or size >= BATCH_BYTES:
            yield _of_found(held, name)
            held, size = [], 0
    if held:
        yield _of_found(held, name)


def _of_found(entries: list[Found], name: str) -> pa.RecordBatch:
    files = [
        entry.picture
        if isinstance(entry.picture, bytes) or entry.picture is None
        else encode_png(entry.picture)
        for entry in entries
    ]
    problems = [entry.problem or None if entry.picture is None else None for entry in entries]
    return _batch(
        name, pa.array(files, pa.binary()), pa.array([e.name for e in entries], pa.string()), problems
    )


def _batch(name: str, files: pa.Array, paths: pa.Array, problems: list[str | None]) -> pa.RecordBatch:
    arrays = [files, paths, pa.array(problems, pa.string())]
    return pa.RecordBatch.from_arrays(arrays, names=[name, PATH, PROBLEM])


def _no_pictures(source: Path) -> BadData:
    return BadData(
        words(
            "{name!r} holds no pictures that can be read. Expected PNG, JPEG, WebP, BMP or TIFF files. "
            "Received {found}.",
            name=source.name,
            found=words("something else"),
        ),
        remedy=words("Give pictures, a folder or a zip of them, or a dataset's data.parquet."),
    )
