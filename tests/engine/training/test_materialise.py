"""Features are written as the plan says: out of fold for training rows, as served for all others."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

from engine.families import family
from engine.training.feature_rows import ParquetFeatureRows
from engine.training.materialise import Part, Sample, materialise, most_rows
from engine.transforms.compile_sql import view_columns
from tests.engine.training.made_run import SCHEMA, VIEWS, MadeRun, make_run

EXPECTED_ROWS = {"valid": 90, "train": 300}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> MadeRun:
    return make_run(tmp_path_factory.mktemp("run"))


def test_raw_rows_carry_set_fold_and_answer(run: MadeRun) -> None:
    table = pq.read_table(run.rows / "train.parquet").to_pylist()
    data = pq.read_table(run.folder / "data.parquet").to_pylist()
    assert len(table) == EXPECTED_ROWS["train"]
    for row in table:
        assert row["size"] == data[row["_row"]]["size"]
        assert row["_y"] == ("no", "yes").index(data[row["_row"]]["sold"])


@pytest.mark.parametrize("view", VIEWS)
def test_every_row_of_a_set_is_there_once(run: MadeRun, view: str) -> None:
    for name, count in EXPECTED_ROWS.items():
        rows = ParquetFeatureRows(run.features / view, name)
        numbers = rows.row_numbers()
        assert rows.rows == len(numbers) == len(set(numbers.tolist())) == count


def test_training_rows_are_mixed_and_validation_rows_in_order(run: MadeRun) -> None:
    train = ParquetFeatureRows(run.features / "tree", "train").row_numbers().tolist()
    valid = ParquetFeatureRows(run.features / "tree", "valid").row_numbers().tolist()
    assert train != sorted(train)
    assert valid == sorted(valid)


@pytest.mark.parametrize("view", VIEWS)
def test_values_are_what_the_compiler_says(run: MadeRun, view: str) -> None:
    """Making raw columns canonical once must not change a single bit."""
    with duckdb.connect() as connection:
        for name, fold in (("train", "_fold"), ("valid", None)):
            codes = [code for _, code in view_columns(run.plan, view, SCHEMA, fold=fold)]
            source = run.rows / f"{name}.parquet"
            table = connection.execute(
                f"SELECT {', '.join(codes)}, _row FROM read_parquet(?) ORDER BY _row", [str(source)]
            ).fetchall()
            expected = np.array([row[:-1] for row in table], np.float32)
            rows = ParquetFeatureRows(run.features / view, name)
            order = np.argsort(rows.row_numbers())
            assert np.array_equal(rows.arrays()[0][order], expected, equal_nan=True)


def test_extra_rows_are_training_rows_as_served(run: MadeRun) -> None:
    extra = ParquetFeatureRows(run.features / "tree", "extra")
    train = ParquetFeatureRows(run.features / "tree", "train")
    assert extra.row_numbers().tolist() == train.row_numbers().tolist()
    served, out_of_fold = extra.arrays()[0][:, 1], train.arrays()[0][:, 1]
    assert len(np.unique(served)) == 3
    assert len(np.unique(out_of_fold)) == 15


def test_index_columns_are_named_with_their_size(run: MadeRun) -> None:
    rows = ParquetFeatureRows(run.features / "deep", "train")
    ((position, size),) = rows.cardinalities.items()
    index = rows.arrays()[0][:, position]
    assert (index == index.astype(int)).all()
    assert 0 <= index.min() <= index.max() < size


def test_a_whole_view_is_not_written_again(run: MadeRun, tmp_path: Path) -> None:
    before = (run.features / "tree" / "train.parquet").stat().st_mtime_ns
    with duckdb.connect() as connection:
        materialise(
            connection,
            part=Part.as_split(tmp_path / "nowhere"),
            schema=SCHEMA,
            plan=run.plan,
            view="tree",
            folder=run.features,
            sample=Sample(seed=0),
        )
    assert (run.features / "tree" / "train.parquet").stat().st_mtime_ns == before


def test_a_sample_is_the_head_of_the_same_order(run: MadeRun, tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        materialise(
            connection,
            part=Part.as_split(run.rows),
            schema=SCHEMA,
            plan=run.plan,
            view="tree",
            folder=tmp_path,
            sample=Sample(seed=0, most_rows=100),
        )
    sample = ParquetFeatureRows(tmp_path / "tree", "train")
    whole = ParquetFeatureRows(run.features / "tree", "train")
    assert 70 <= sample.rows <= 130
    assert sample.row_numbers().tolist() == whole.row_numbers().tolist()[: sample.rows]


def test_no_more_rows_are_written_than_can_be_read() -> None:
    linear, network = family("linear"), family("mlp")
    assert most_rows([linear], "linear", 1e6) == linear.max_rows
    assert most_rows([network], "deep", 1e6) > most_rows([network], "deep", 100.0) > 1_000_000
    assert most_rows([network], "deep", 0.0) == 500_000
