"""Features come out of Parquet whole: every row once, mixed by the seed, in batches of the size asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.files import write_json
from engine.training.feature_rows import DESCRIPTION, NoRows, ParquetFeatureRows
from tests.engine.training.made_run import make_run

ROWS = 1_000


@pytest.fixture
def view(tmp_path: Path) -> Path:
    values = np.arange(ROWS)
    for name, count in (("train", ROWS), ("extra", 10)):
        table = pa.table(
            {
                "f0": values[:count].astype(np.float32),
                "f1": np.full(count, np.nan, np.float32),
                "_y": values[:count].astype(np.float64) * 2,
                "_row": values[:count] + 7,
            }
        )
        pq.write_table(table, tmp_path / f"{name}.parquet", row_group_size=100)
    write_json(
        tmp_path / DESCRIPTION,
        {"columns": ["a", "b"], "cardinalities": {"0": 1000}, "rows": {"train": ROWS, "extra": 10}},
    )
    return tmp_path


def test_the_description_is_read(view: Path) -> None:
    rows = ParquetFeatureRows(view, "train")
    assert (rows.columns, rows.cardinalities, rows.rows) == (("a", "b"), {0: 1000}, ROWS)


def test_arrays_hold_every_row_in_order(view: Path) -> None:
    x, y = ParquetFeatureRows(view, "train").arrays()
    assert (x.dtype, y.dtype) == (np.float32, np.float64)
    assert (x[:, 0] == np.arange(ROWS)).all()
    assert np.isnan(x[:, 1]).all()
    assert (y == 2 * np.arange(ROWS)).all()


@pytest.mark.parametrize("limit", [1, 7, 999, 5_000])
def test_a_limit_takes_rows_spread_over_the_set(view: Path, limit: int) -> None:
    x, y = ParquetFeatureRows(view, "train").arrays(limit)
    count = min(limit, ROWS)
    assert x[:, 0].tolist() == (np.arange(count) * ROWS // count).tolist()
    assert (y == 2 * x[:, 0]).all()


@pytest.mark.parametrize("size", [1, 64, 100, 333, 5_000])
@pytest.mark.parametrize("seed", [None, 3])
def test_batches_hold_every_row_once(view: Path, size: int, seed: int | None) -> None:
    batches = list(ParquetFeatureRows(view, "train").batches(size, seed=seed))
    sizes = [len(x) for x, _ in batches]
    assert sum(sizes) == ROWS
    assert set(sizes[:-1]) <= {min(size, ROWS)}
    values = np.concatenate([x[:, 0] for x, _ in batches])
    answers = np.concatenate([y for _, y in batches])
    assert sorted(values.tolist()) == list(range(ROWS))
    assert (answers == 2 * values).all()
    assert (values.tolist() == list(range(ROWS))) is (seed is None)


def test_the_same_seed_gives_the_same_order(view: Path) -> None:
    rows = ParquetFeatureRows(view, "train")
    first, again, other = (next(rows.batches(50, seed=seed))[1].tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_two_sets_are_read_as_one(view: Path) -> None:
    rows = ParquetFeatureRows(view, "train", more=["extra"])
    assert rows.rows == len(rows.arrays()[0]) == ROWS + 10
    assert rows.row_numbers()[-1] == 16


def test_no_rows_have_the_columns_of_the_others(view: Path) -> None:
    rows = NoRows(ParquetFeatureRows(view, "train"))
    x, y = rows.arrays()
    assert (x.shape, y.shape, list(rows.batches(10))) == ((0, 2), (0,), [])


def test_folds_divide_the_training_rows(tmp_path: Path) -> None:
    run = make_run(tmp_path, folds=5)
    view = run.features / "tree"
    whole = ParquetFeatureRows(view, "train")
    x, y = whole.arrays()
    numbers = whole.row_numbers()
    for fold in range(5):
        inside, outside = (
            ParquetFeatureRows(view, "train", inside=fold),
            ParquetFeatureRows(view, "train", outside=fold),
        )
        assert inside.rows + outside.rows == whole.rows and inside.rows > 0
        for part in (inside, outside):
            chosen = np.isin(numbers, part.row_numbers())
            assert chosen.sum() == part.rows
            assert np.array_equal(part.arrays()[0], x[chosen], equal_nan=True)
            assert np.array_equal(part.arrays()[1], y[chosen])
            assert sum(len(batch) for batch, _ in part.batches(64, seed=1)) == part.rows
        assert not set(inside.row_numbers().tolist()) & set(outside.row_numbers().tolist())
