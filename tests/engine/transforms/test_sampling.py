"""A sample is spread over the rows, of the size asked for, and always the same."""

from __future__ import annotations

import duckdb
import pytest

from engine.transforms.base import TrainingRows
from engine.transforms.sampling import sampled


@pytest.fixture
def rows() -> TrainingRows:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE train AS SELECT i AS _row FROM range(20000) AS t(i)")
    return TrainingRows(connection, folds=2, classes=0, seed=0)


@pytest.mark.parametrize("limit", [20_000, 1_000_000])
def test_few_rows_are_all_taken(rows: TrainingRows, limit: int) -> None:
    assert sampled(rows, limit) == "train"


def test_of_many_rows_about_as_many_as_asked_for_are_taken_from_everywhere(rows: TrainingRows) -> None:
    ((count, quarter, half),) = rows.select(
        f"SELECT count(*), quantile_cont(_row, 0.25), quantile_cont(_row, 0.5) FROM {sampled(rows, 4_000)}"
    )
    assert count == pytest.approx(4_000, rel=0.1)
    assert (quarter, half) == pytest.approx((5_000, 10_000), rel=0.1)


def test_the_same_rows_are_taken_every_time(rows: TrainingRows) -> None:
    query = f"SELECT _row FROM {sampled(rows, 100)} ORDER BY _row"
    first = rows.select(query)
    assert len(first) > 50
    rows.connection.execute("CREATE TABLE other AS SELECT * FROM train ORDER BY _row DESC")
    rows.connection.execute("DROP TABLE train; ALTER TABLE other RENAME TO train")
    assert rows.select(query) == first


def test_no_rows_are_a_sample_too(rows: TrainingRows) -> None:
    rows.connection.execute("DELETE FROM train")
    assert sampled(rows) == "train"
