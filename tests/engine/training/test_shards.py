"""The pixels that networks learn from are the served graph's, each picture at its place."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import onnx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.training.materialise import Part, Sample
from engine.training.pixel_rows import PixelRows, stored_rows
from engine.training.shards import PixelWriter
from engine.transforms.compile_onnx import add_inputs, add_view
from engine.transforms.graph import Graph
from tests.engine.training.made_pictures import PLAN, ROWS, SCHEMA, SIDE, MadePictures, make_pictures
from tests.engine.training.made_run import runner


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadePictures:
    return make_pictures(tmp_path_factory.mktemp("pictures"))


def served(made: MadePictures, row: int) -> np.ndarray:
    graph = Graph()
    pixels, labels = add_view(graph, add_inputs(graph, SCHEMA, ["image"]), made.plan, "pixels", SCHEMA)
    graph.output(pixels, "out", onnx.TensorProto.FLOAT, [None, SIDE, SIDE, 3])
    assert labels == ()
    return np.asarray(runner(graph.model())({"image": made.pictures[row][None]}))[0]


@pytest.mark.parametrize("name", ["train", "valid", "extra"])
def test_every_picture_is_what_the_graph_serves(made: MadePictures, name: str) -> None:
    rows = PixelRows(made.view, name)
    x, y = rows.arrays()
    numbers = rows.row_numbers()
    expected = [row for row, one in enumerate(made.sets) if one == name.replace("extra", "train")]
    assert sorted(numbers.tolist()) == expected
    assert (x.dtype, x.shape) == (np.uint8, (len(expected), SIDE, SIDE, 3))
    for row, pixels, answer in zip(numbers.tolist(), x, y, strict=True):
        assert answer == row % 2
        np.testing.assert_array_equal(pixels, served(made, row))


def test_training_pictures_are_mixed_and_validation_pictures_in_order(made: MadePictures) -> None:
    train, valid = (PixelRows(made.view, name).row_numbers().tolist() for name in ("train", "valid"))
    assert train != sorted(train)
    assert valid == sorted(valid)


def test_pictures_are_judged_on_validation_rows(made: MadePictures) -> None:
    assert PixelRows(made.view, "train").rows == 3 * ROWS // 5


def test_a_whole_view_is_kept(made: MadePictures, tmp_path: Path) -> None:
    before = (made.view / "train.pixels").stat().st_mtime_ns
    again = make_pictures(tmp_path)
    assert (made.view / "train.pixels").stat().st_mtime_ns == before
    assert (again.view / "train.pixels").read_bytes() == (made.view / "train.pixels").read_bytes()


def test_the_kind_of_rows_is_found_by_their_files(made: MadePictures) -> None:
    assert isinstance(stored_rows(made.view, "valid"), PixelRows)
    assert PLAN.filled_views == ("pixels",)


def test_pictures_that_come_again_stand_at_all_their_places(made: MadePictures, tmp_path: Path) -> None:
    shown = np.random.default_rng(1).integers(0, ROWS, 500)
    contents = pq.read_table(made.folder / "data.parquet")["image"].to_pylist()
    pq.write_table(pa.table({"image": [contents[i] for i in shown]}), tmp_path / "data.parquet", 150)
    rows = np.flatnonzero(np.arange(500) % 3)
    table = pa.table({"_row": rows, "_fold": np.zeros(len(rows), np.int8), "_y": shown[rows] * 1.0})
    (tmp_path / "rows").mkdir()
    pq.write_table(table, tmp_path / "rows" / "train.parquet")
    pq.write_table(table.slice(0, 0), tmp_path / "rows" / "valid.parquet")
    shares: list[float] = []
    with duckdb.connect() as connection:
        PixelWriter(
            connection=connection,
            data=tmp_path / "data.parquet",
            schema=SCHEMA,
            runner=runner,
            threads=2,
            progress=shares.append,
        ).write(Part.as_split(tmp_path / "rows"), made.plan, tmp_path, Sample(seed=0))
    written = PixelRows(tmp_path / "pixels", "train")
    x, y = written.arrays()
    assert sorted(written.row_numbers().tolist()) == rows.tolist() and shares[-1] == 1.0
    assert (y == shown[written.row_numbers()]).all()
    once = {row: served(made, row) for row in range(ROWS)}
    np.testing.assert_array_equal(x, np.stack([once[int(row)] for row in y]))
