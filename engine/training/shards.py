"""Make the pixels that networks learn from: every picture decoded once and resized by the nodes that will serve it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
import numpy as np
import numpy.typing as npt
import onnx
import pyarrow as pa
import pyarrow.parquet as pq

from engine.files import publish_folder, write_json
from engine.modalities.image import decode
from engine.specs.features import FeaturePlan
from engine.specs.schema import Schema
from engine.sql import parquet, quote_name
from engine.training.feature_rows import DESCRIPTION
from engine.training.materialise import PARITY_ROWS, Part, Sample, draw, shuffled
from engine.training.pixel_rows import SUFFIX, Pixels
from engine.transforms.chain import view_features
from engine.transforms.compile_onnx import add_inputs, add_view
from engine.transforms.graph import Graph

#: Opens a model for running on one thread, by several threads at once: feeds → its first output.
Runner = Callable[[onnx.ModelProto], Callable[[Mapping[str, npt.NDArray[Any]]], npt.NDArray[Any]]]

VIEW = "pixels"
#: Pictures read at a time.
_READ_ROWS = 256


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

        Memory holds a few hundred pictures, however many there are. Orders and samples are those of `materialise`.
        plan: fitted.   Raises: BadData for a picture that cannot be decoded.
        """
        if (folder / VIEW).exists():
            return
        (feature,) = view_features(plan, VIEW)
        resize = _resizer(plan, self.schema, feature.column, self.runner)
        drawn = f"{draw(self.connection, part.train, sample)} ORDER BY {shuffled(sample)}"
        orders = {
            "train": f"SELECT _row, _fold, _y FROM {part.train}{drawn}",
            "valid": f"SELECT _row, _fold, _y FROM {part.valid} ORDER BY _row",
        }
        tables = {name: self.connection.sql(query).to_arrow_table() for name, query in orders.items()}
        total = max(1, sum(table.num_rows for table in tables.values()))

        def fill(place: Path) -> None:
            done = 0
            shape: tuple[int, ...] = resize(np.zeros((1, 1, 3), np.uint8)).shape
            for name, table in tables.items():
                pq.write_table(table.cast(_types(table)), place / f"{name}.parquet")
                rows = table["_row"].to_numpy().astype(np.int64)
                with (place / f"{name}{SUFFIX}").open("wb") as file:
                    for positions, pixels in self._pictures(feature.column, rows, resize):
                        _write(file, positions, pixels)
                        done += len(positions)
                        self.progress(done / total)
            _copy_first(place, "train", "extra", PARITY_ROWS, math.prod(shape))
            counts = {name: table.num_rows for name, table in tables.items()}
            counts["extra"] = min(PARITY_ROWS, counts["train"])
            write_json(
                place / DESCRIPTION,
                {"columns": [], "cardinalities": {}, "sample_shape": list(shape), "rows": counts},
            )

        publish_folder(folder / VIEW, fill)

    def _pictures(
        self, column: str, rows: npt.NDArray[np.int64], resize: Callable[[Pixels], Pixels]
    ) -> Iterator[tuple[npt.NDArray[np.int64], list[Pixels]]]:
        """Yield positions in `rows` and the pixels of those rows, in whatever order they are read.

        Each thread decodes and resizes pictures of its own: two thirds of the time that decoding and then resizing
        several at once takes.
        """
        order = np.argsort(rows)
        self.connection.register("_wanted", pa.table({"_row": rows}))
        reader = self.connection.sql(
            f"SELECT file_row_number AS _row, {quote_name(column)} AS picture "
            f"FROM {parquet(self.data, numbered=True)} WHERE file_row_number IN (SELECT _row FROM _wanted)"
        ).to_arrow_reader(_READ_ROWS)
        with ThreadPoolExecutor(max_workers=max(1, self.threads), thread_name_prefix="decode") as pool:
            for batch in reader:
                found = batch.column("_row").to_numpy()
                pixels = list(pool.map(lambda one: resize(decode(one)), batch.column("picture").to_pylist()))
                yield order[np.searchsorted(rows, found, sorter=order)], pixels
        self.connection.unregister("_wanted")


def _resizer(plan: FeaturePlan, schema: Schema, column: str, runner: Runner) -> Callable[[Pixels], Pixels]:
    graph = Graph()
    inputs = add_inputs(graph, schema, [column])
    pixels, _ = add_view(graph, inputs, plan, VIEW, schema)
    graph.output(pixels, "pixels_out", onnx.TensorProto.FLOAT, [None, None, None, 3])
    run = runner(graph.model())
    # The graph gives whole numbers 0 … 255: nothing is lost.
    return lambda picture: run({column: picture[None]})[0].astype(np.uint8)


def _write(file: BinaryIO, positions: npt.NDArray[np.int64], pixels: list[Pixels]) -> None:
    """Put each picture at its place: the file's order is shuffled, the pictures come in the data's."""
    size = pixels[0].nbytes
    for position, picture in zip(positions.tolist(), pixels, strict=True):
        file.seek(position * size)
        file.write(picture.tobytes())


def _copy_first(place: Path, source: str, target: str, count: int, size: int) -> None:
    """Write the first `count` pictures of a set as a set of their own.   size: bytes of one."""
    pq.write_table(pq.read_table(place / f"{source}.parquet").slice(0, count), place / f"{target}.parquet")
    with (place / f"{source}{SUFFIX}").open("rb") as file:
        (place / f"{target}{SUFFIX}").write_bytes(file.read(count * size))


def _types(table: pa.Table) -> pa.Schema:
    kinds = {"_row": pa.int64(), "_fold": pa.int8(), "_y": pa.float64()}
    return pa.schema([(name, kinds[name]) for name in table.column_names])
