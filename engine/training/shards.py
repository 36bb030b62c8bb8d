"""Make the pixels that networks learn from: every picture decoded once and resized by the nodes that will serve it."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import onnx
import pyarrow as pa
import pyarrow.parquet as pq

from engine.files import publish_folder, write_json
from engine.modalities.image import decode
from engine.modalities.image.stored import read_different
from engine.specs.features import FeaturePlan
from engine.specs.schema import Schema
from engine.training.feature_rows import DESCRIPTION
from engine.training.materialise import PARITY_ROWS, Part, Sample, draw, mixed
from engine.training.pixel_rows import SUFFIX, Pixels
from engine.transforms.chain import view_features
from engine.transforms.compile_onnx import add_inputs, add_view
from engine.transforms.graph import Graph

#: Opens a model for running on one thread, by several threads at once: feeds → its first output.
Runner = Callable[[onnx.ModelProto], Callable[[Mapping[str, npt.NDArray[Any]]], npt.NDArray[Any]]]

VIEW = "pixels"
#: What is known of each picture beside its pixels.
_ROWS = pa.schema([("_row", pa.int64()), ("_fold", pa.int8()), ("_y", pa.float64())])
#: Pictures resized, and rows read and written, at a time; progress is told every so many rows.
_HELD_PICTURES, _HELD_ROWS, _TOLD_ROWS = 256, 65_536, 256


@dataclass(frozen=True, kw_only=True)
class PixelWriter:
    """Makes the view of pixels.

    data: Parquet of the raw columns.   runner: opens the graph that resizes.   threads: that decode and resize.
    progress: told the share of pictures done.
    """

    connection: duckdb.DuckDBPyConnection
    data: Path
    schema: Schema
    runner: Runner
    threads: int
    progress: Callable[[float], None]

    def write(self, part: Part, plan: FeaturePlan, folder: Path, sample: Sample) -> None:
        """Write folder/pixels: train, valid and extra as `PixelRows` reads them; kept when already whole.

        Memory holds a row group of the data, a few hundred pictures, and some 50 bytes per row that is written. Orders
        and samples are those of `materialise`.
        plan: fitted.   Raises: BadData for a picture that cannot be decoded.
        """
        if (folder / VIEW).exists():
            return
        (feature,) = view_features(plan, VIEW)
        resize = _resizer(plan, self.schema, feature.column, self.runner)
        drawn = f"{part.train}{draw(self.connection, part.train, sample)}"
        # Source of a set's rows, and what they are sorted by.
        orders = {"train": (drawn, mixed(sample)), "valid": (part.valid, "_row")}

        def fill(place: Path) -> None:
            done = 0
            shape: tuple[int, ...] = resize(np.zeros((1, 1, 3), np.uint8)).shape
            size = math.prod(shape)
            rows = {
                name: self._write_rows(source, key, place / f"{name}.parquet")
                for name, (source, key) in orders.items()
            }
            counts = {name: len(numbers) for name, numbers in rows.items()}
            total = max(1, sum(counts.values()))
            for name in orders:
                with (place / f"{name}{SUFFIX}").open("wb", buffering=0) as file:
                    for positions, picture in self._pictures(feature.column, rows.pop(name), resize):
                        for position in positions.tolist():
                            os.pwrite(file.fileno(), picture.data, position * size)
                        before, done = done, done + len(positions)
                        if before // _TOLD_ROWS < done // _TOLD_ROWS or done == total:
                            self.progress(done / total)
            _copy_first(place, "train", "extra", PARITY_ROWS, size)
            counts["extra"] = min(PARITY_ROWS, counts["train"])
            write_json(
                place / DESCRIPTION,
                {"columns": [], "cardinalities": {}, "sample_shape": list(shape), "rows": counts},
            )

        publish_folder(folder / VIEW, fill)

    def _write_rows(self, source: str, key: str, path: Path) -> npt.NDArray[np.int64]:
        """Write the rows of a source, lowest key first, and return their numbers in that order.

        Sorted here and not by DuckDB, which takes twice the memory for it.
        """
        columns = "_row, CAST(_fold AS TINYINT) AS _fold, CAST(_y AS DOUBLE) AS _y"
        query = f"SELECT CAST({key} AS UBIGINT) AS _key, {columns} FROM {source}"
        read: dict[str, list[npt.NDArray[Any]]] = {}
        for batch in self.connection.sql(query).to_arrow_reader(_HELD_ROWS):
            for name in batch.schema.names:
                read.setdefault(name, []).append(batch.column(name).to_numpy(zero_copy_only=False))
        if not read:
            pq.write_table(_ROWS.empty_table(), path)
            return np.empty(0, np.int64)
        keys, rows, folds, answers = (np.concatenate(read.pop(name)) for name in ("_key", *_ROWS.names))
        order = np.lexsort((rows, keys))
        del keys
        with pq.ParquetWriter(path, _ROWS) as writer:
            for start in range(0, len(order), _HELD_ROWS):
                part = order[start : start + _HELD_ROWS]
                writer.write_table(pa.table([rows[part], folds[part], answers[part]], schema=_ROWS))
        numbers: npt.NDArray[np.int64] = rows[order]
        return numbers

    def _pictures(
        self, column: str, rows: npt.NDArray[np.int64], resize: Callable[[Pixels], Pixels]
    ) -> Iterator[tuple[npt.NDArray[np.int64], Pixels]]:
        """Yield each picture's pixels and the positions in `rows` that show it.

        Each thread decodes and resizes pictures of its own: two thirds of the time that decoding and then resizing
        several at once takes.
        """
        order = np.argsort(rows)
        start = 0
        with ThreadPoolExecutor(max_workers=max(1, self.threads), thread_name_prefix="decode") as pool:
            for found, shown in read_different(self.data, column, rows[order]):
                codes = shown.indices.to_numpy()
                positions = order[start : start + len(found)][np.argsort(codes, kind="stable")]
                start += len(found)
                each = np.split(positions, np.cumsum(np.bincount(codes))[:-1])
                for first in range(0, len(each), _HELD_PICTURES):
                    files = shown.dictionary[first : first + _HELD_PICTURES]
                    pixels = pool.map(lambda file: resize(decode(file.as_py())), files)
                    yield from zip(each[first : first + _HELD_PICTURES], pixels, strict=True)


def _resizer(plan: FeaturePlan, schema: Schema, column: str, runner: Runner) -> Callable[[Pixels], Pixels]:
    graph = Graph()
    inputs = add_inputs(graph, schema, [column])
    pixels, _ = add_view(graph, inputs, plan, VIEW, schema)
    graph.output(pixels, "pixels_out", onnx.TensorProto.FLOAT, [None, None, None, 3])
    run = runner(graph.model())
    # The graph gives whole numbers 0 … 255: nothing is lost.
    return lambda picture: run({column: picture[None]})[0].astype(np.uint8)


def _copy_first(place: Path, source: str, target: str, count: int, size: int) -> None:
    """Write the first `count` pictures of a set as a set of their own.   size: bytes of one."""
    pq.write_table(pq.read_table(place / f"{source}.parquet").slice(0, count), place / f"{target}.parquet")
    with (place / f"{source}{SUFFIX}").open("rb") as file:
        (place / f"{target}{SUFFIX}").write_bytes(file.read(count * size))
