"""Rows of a run's own Parquet file in the form a model's inputs take."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.errors import InvalidSpec
from engine.serving.stored_rows import PICTURE_ROWS, read_target, rows_of_set, stream_rows
from engine.specs.schema import Column, Schema

ROWS = 1_000
SCHEMA = Schema(
    columns=(
        Column(name='the "n"', source_name="n", physical="int64", semantic="number"),
        Column(name="城市", source_name="c", physical="string", semantic="category"),
        Column(name="y", source_name="y", physical="string", semantic="category"),
    )
)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 2})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Row i holds i, "c<i>" and a class; every tenth number and city is missing. Many small row groups."""
    path = tmp_path / "it's data.parquet"
    table = {
        'the "n"': [None if i % 10 == 0 else i for i in range(ROWS)],
        "城市": [None if i % 10 == 0 else f"c{i}" for i in range(ROWS)],
        "y": [("no", "it's", None)[i % 3] for i in range(ROWS)],
    }
    pq.write_table(pa.table(table), path, row_group_size=64)
    return path


@pytest.fixture
def split(tmp_path: Path) -> Path:
    path = tmp_path / "split.parquet"
    sets = ["test" if i % 4 == 0 else "train" for i in range(ROWS)]
    order = np.random.default_rng(0).permutation(ROWS)
    pq.write_table(pa.table({"_row": order, "_set": [sets[i] for i in order]}), path)
    return path


def test_rows_come_in_file_order_as_float_and_text_without_nulls(
    connection: duckdb.DuckDBPyConnection, data: Path
) -> None:
    query = "SELECT unnest([999, 10, 7]) AS _row"
    (batch,) = stream_rows(connection, data, SCHEMA, query, columns=["城市", 'the "n"'])
    assert batch.schema.names == ["城市", 'the "n"']
    assert batch.schema.types == [pa.string(), pa.float32()]
    assert batch.column(0).to_pylist() == ["c7", "", "c999"]
    np.testing.assert_array_equal(batch.column(1).to_numpy(), np.array([7, np.nan, 999], np.float32))


def test_all_rows_come_once_in_small_batches(connection: duckdb.DuckDBPyConnection, data: Path) -> None:
    query = f"SELECT range AS _row FROM range({ROWS})"
    batches = list(stream_rows(connection, data, SCHEMA, query, batch_rows=100))
    assert max(batch.num_rows for batch in batches) <= 100
    cities = [city for batch in batches for city in batch.column("城市").to_pylist()]
    assert cities == ["" if i % 10 == 0 else f"c{i}" for i in range(ROWS)]


def test_an_unknown_column_is_refused(connection: duckdb.DuckDBPyConnection, data: Path) -> None:
    with pytest.raises(InvalidSpec, match="'city'"):
        next(stream_rows(connection, data, SCHEMA, "SELECT 0 AS _row", columns=["city"]))


def test_the_rows_of_a_set(connection: duckdb.DuckDBPyConnection, split: Path) -> None:
    found = connection.execute(rows_of_set(split, "test")).fetchall()
    assert sorted(found) == [(i,) for i in range(0, ROWS, 4)]
    assert connection.execute(rows_of_set(split, "it's")).fetchall() == []


def test_a_limit_takes_the_same_rows_from_all_over_the_set(
    connection: duckdb.DuckDBPyConnection, split: Path
) -> None:
    query = rows_of_set(split, "test", limit=50)
    found = [row for (row,) in connection.execute(query).fetchall()]
    assert [row for (row,) in connection.execute(query).fetchall()] == found
    assert len(set(found)) == 50
    assert all(row % 4 == 0 for row in found)
    assert min(found) < ROWS / 4
    assert max(found) > 3 * ROWS / 4


def test_the_target_is_its_index_among_the_classes_and_missing_otherwise(
    connection: duckdb.DuckDBPyConnection, data: Path
) -> None:
    found = read_target(connection, data, "y", ("it's", "no"), "SELECT unnest([5, 3, 4]) AS _row")
    np.testing.assert_array_equal(found, [1.0, 0.0, np.nan])


def test_the_target_of_a_regression_is_its_value(connection: duckdb.DuckDBPyConnection, data: Path) -> None:
    found = read_target(connection, data, 'the "n"', (), "SELECT unnest([12, 1, 10]) AS _row")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [1.0, np.nan, 12.0])


PICTURES = Schema(
    columns=(
        Column(name="image", source_name="image", physical="image", semantic="image"),
        Column(name="n", source_name="n", physical="double", semantic="number"),
        Column(name="城市", source_name="c", physical="string", semantic="category"),
    )
)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Row i holds the bytes of i; every tenth number and city is missing. Row groups of 150."""
    path = tmp_path / "pictures.parquet"
    table = {
        "image": pa.array([b"\x89%d" % i for i in range(ROWS)], pa.binary()),
        "n": [None if i % 10 == 0 else float(i) for i in range(ROWS)],
        "城市": [None if i % 10 == 0 else f"c{i}" for i in range(ROWS)],
    }
    pq.write_table(pa.table(table), path, row_group_size=150)
    return path


def test_pictures_come_as_they_are_in_file_order_and_small_batches(
    connection: duckdb.DuckDBPyConnection, pictures: Path
) -> None:
    query = "SELECT unnest([999, 10, 7, 150, 149, 7]) AS _row"
    found = pa.Table.from_batches(stream_rows(connection, pictures, PICTURES, query))
    assert found.column("image").to_pylist() == [b"\x89%d" % i for i in (7, 10, 149, 150, 999)]
    assert found.column("城市").to_pylist() == ["c7", "", "c149", "", "c999"]
    np.testing.assert_array_equal(found.column("n").to_numpy(), np.array([7, np.nan, 149, np.nan, 999], "f4"))
    everything = f"SELECT range AS _row FROM range({ROWS})"
    batches = list(stream_rows(connection, pictures, PICTURES, everything, columns=["image"]))
    assert max(batch.num_rows for batch in batches) <= PICTURE_ROWS
    together = pa.Table.from_batches(batches)
    assert together.schema.names == ["image"]
    assert together.column("image").to_pylist() == [b"\x89%d" % i for i in range(ROWS)]


def test_no_rows_of_pictures_are_no_batches(connection: duckdb.DuckDBPyConnection, pictures: Path) -> None:
    assert list(stream_rows(connection, pictures, PICTURES, "SELECT 0 AS _row WHERE false")) == []


def test_a_set_of_pictures_without_them_is_read_like_a_table(
    connection: duckdb.DuckDBPyConnection, pictures: Path
) -> None:
    (batch,) = stream_rows(connection, pictures, PICTURES, "SELECT 3 AS _row", columns=["城市"])
    assert batch.to_pylist() == [{"城市": "c3"}]
