"""A model judged on validation rows is whole on disk, with its body's own answers."""

from __future__ import annotations

import shutil
import time
from typing import Any

import numpy as np
import onnxruntime
import pyarrow.parquet as pq
import pytest

from engine.families.base import Budget
from engine.specs.training import Candidate
from engine.training.answers import ANSWERS
from engine.training.feature_rows import ParquetFeatureRows
from engine.training.holdout import Holdout
from engine.training.workshop import BODY, RECORD, Workshop, bodies, read_record
from tests.engine.training.made_run import TASK, MadeRun, make_run

TREE = Candidate(id="tree", family="decision_tree", params={"rows_per_leaf": 5, "depth": 4, "columns": "all"})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeRun:
    return make_run(tmp_path_factory.mktemp("run"))


@pytest.fixture
def run(made: MadeRun) -> MadeRun:
    shutil.rmtree(made.models, ignore_errors=True)
    return made


def scheme(run: MadeRun) -> Holdout:
    return Holdout(
        Workshop(task=TASK, features=run.features, models=run.models, seed=0, threads=1, clock=time.monotonic)
    )


def test_trying_out_is_all_there_is_to_do(run: MadeRun) -> None:
    events: list[dict[str, Any]] = []
    budget = Budget(60.0, time.monotonic)
    record = scheme(run).try_out(TREE, budget, events.append)
    assert scheme(run).cost_s(record) == 0.0
    assert scheme(run).finish(record, budget, events.append) is record
    folder = run.models / "tree"
    assert all((folder / name).is_file() for name in (BODY, RECORD, ANSWERS))
    assert (read_record(folder), bodies(folder)) == (record, (folder / BODY,))


def test_the_kept_answers_are_the_bodys_on_served_features(run: MadeRun) -> None:
    scheme(run).try_out(TREE, Budget(60.0, time.monotonic), lambda _: None)
    folder = run.models / "tree"
    table = pq.read_table(folder / ANSWERS)
    native = np.column_stack([table["score_0"].to_numpy(), table["score_1"].to_numpy()])
    valid, extra = (ParquetFeatureRows(run.features / "tree", name) for name in ("valid", "extra"))
    session = onnxruntime.InferenceSession(str(folder / BODY))
    x = np.concatenate((valid.arrays()[0], extra.arrays()[0]))
    assert table["_set"].to_pylist() == ["valid"] * valid.rows + ["train"] * extra.rows
    assert np.abs(session.run(None, {"features": x})[0] - native).max() < 1e-6


def test_a_model_takes_more_of_the_time_the_fewer_wait(run: MadeRun) -> None:
    assert [scheme(run).share(waiting) for waiting in (0, 2, 4, 9)] == [1.0, 0.75, 0.5, 0.5]
