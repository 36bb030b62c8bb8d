"""Few rows are judged on folds; many, ordered or lumped ones on the split's validation rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.specs.split import SplitSpec
from engine.training.folds import MOST_ROWS, count_folds
from engine.training.materialise import Part


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
    assert counted(write_rows(tmp_path, np.arange(rows) % 5)) == folds


def test_folds_need_time(tmp_path: Path) -> None:
    rows = write_rows(tmp_path, np.arange(1_000) % 5)
    assert (counted(rows, seconds=10.0), counted(rows, seconds=9.0)) == (5, 0)


def test_the_future_is_not_learned_from(tmp_path: Path) -> None:
    assert counted(write_rows(tmp_path, np.arange(100) % 5), "time") == 0


def test_groups_that_leave_a_fold_empty_or_fill_most_of_one_make_no_folds(tmp_path: Path) -> None:
    assert counted(write_rows(tmp_path, np.arange(100) % 4), "grouped") == 0
    lump = np.where(np.arange(100) < 60, 0, np.arange(100) % 5)
    assert counted(write_rows(tmp_path, lump), "grouped") == 0


def test_a_fold_holds_every_row_once_over_both_sets(tmp_path: Path) -> None:
    rows = write_rows(tmp_path, np.arange(100) % 5)
    with duckdb.connect() as connection:
        for fold in range(5):
            part = Part.without_fold(rows, fold)
            inside, outside = (
                {row for (row,) in connection.execute(f"SELECT _row FROM {source}").fetchall()}
                for source in (part.valid, part.train)
            )
            assert inside == set(range(fold, 100, 5)) and inside | outside == set(range(100))
            assert not inside & outside
