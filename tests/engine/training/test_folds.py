"""Few rows are judged on folds; many, ordered or lumped ones on the split's validation rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.specs.split import SplitSpec
from engine.training.folds import MOST_ROWS, ROWS_PER_S, count_folds


def write_rows(folder: Path, folds: np.ndarray) -> Path:
    """Write prepared rows, every fourth of them for validation."""
    table = pa.table({"_row": np.arange(len(folds)), "_fold": folds, "_y": np.zeros(len(folds))})
    chosen = np.arange(len(folds)) % 4 == 0
    for name, kept in (("train", ~chosen), ("valid", chosen)):
        pq.write_table(table.filter(pa.array(kept)), folder / f"{name}.parquet")
    return folder


def counted(rows: Path, splitter: str = "stratified", seconds: float = 60.0) -> int:
    with duckdb.connect() as connection:
        return count_folds(connection, rows, SplitSpec(splitter=splitter, column="c"), seconds=seconds)


@pytest.mark.parametrize(("rows", "folds"), [(50, 5), (MOST_ROWS, 5), (MOST_ROWS + 1, 0)])
def test_folds_are_for_few_rows(tmp_path: Path, rows: int, folds: int) -> None:
    assert counted(write_rows(tmp_path, np.arange(rows) % 5), seconds=1e6) == folds


def test_folds_need_time(tmp_path: Path) -> None:
    rows = write_rows(tmp_path, np.arange(10 * ROWS_PER_S) % 5)
    assert (counted(rows, seconds=10.0), counted(rows, seconds=9.0)) == (5, 0)


def test_the_future_is_not_learned_from(tmp_path: Path) -> None:
    assert counted(write_rows(tmp_path, np.arange(100) % 5), "time") == 0


def test_groups_that_leave_a_fold_empty_or_fill_most_of_one_make_no_folds(tmp_path: Path) -> None:
    assert counted(write_rows(tmp_path, np.arange(100) % 4), "grouped") == 0
    lump = np.where(np.arange(100) < 60, 0, np.arange(100) % 5)
    assert counted(write_rows(tmp_path, lump), "grouped") == 0
