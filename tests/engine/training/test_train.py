"""Finished models are kept at once, not trained twice, and one that fails does not end the others."""

from __future__ import annotations

import shutil
import time
from typing import Any

import numpy as np
import onnxruntime
import pyarrow.parquet as pq
import pytest

from engine.errors import WorkFailed
from engine.families.base import Budget
from engine.specs.training import Candidate, ModelRecord
from engine.training.answers import ANSWERS
from engine.training.feature_rows import ParquetFeatureRows
from engine.training.train import BODY, RECORD, Workshop, read_record, train, train_one
from tests.engine.training.made_run import TASK, MadeRun, make_run

BASELINE = Candidate(id="baseline", family="baseline")
TREE = Candidate(id="tree", family="decision_tree", params={"rows_per_leaf": 5, "depth": 4, "columns": "all"})
BROKEN = Candidate(
    id="broken", family="decision_tree", params={"rows_per_leaf": -5, "depth": 4, "columns": "all"}
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeRun:
    return make_run(tmp_path_factory.mktemp("run"))


@pytest.fixture
def run(made: MadeRun) -> MadeRun:
    shutil.rmtree(made.models, ignore_errors=True)
    return made


def trained(
    run: MadeRun, *candidates: Candidate, seconds: float = 60.0
) -> tuple[tuple[ModelRecord, ...], list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []
    workshop = Workshop(
        task=TASK, features=run.features, models=run.models, seed=0, threads=1, clock=time.monotonic
    )
    return train(candidates, workshop, Budget(seconds, time.monotonic), events.append, train_one), events


def names(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(e["event"], e["candidate"]) for e in events if e["event"] != "model_progress"]


def test_each_model_is_whole_on_disk(run: MadeRun) -> None:
    records, events = trained(run, BASELINE, TREE)
    assert names(events) == [
        ("model_started", "baseline"),
        ("model_finished", "baseline"),
        ("model_started", "tree"),
        ("model_finished", "tree"),
    ]
    assert records[1].score > records[0].score == 0.5
    for record in records:
        folder = run.models / record.candidate.id
        assert all((folder / name).is_file() for name in (BODY, RECORD, ANSWERS))
        assert read_record(folder) == record


def test_the_kept_answers_are_the_bodys_on_served_features(run: MadeRun) -> None:
    trained(run, TREE)
    folder = run.models / "tree"
    table = pq.read_table(folder / ANSWERS)
    native = np.column_stack([table["score_0"].to_numpy(), table["score_1"].to_numpy()])
    valid, extra = (ParquetFeatureRows(run.features / "tree", name) for name in ("valid", "extra"))
    session = onnxruntime.InferenceSession(str(folder / BODY))
    x = np.concatenate((valid.arrays()[0], extra.arrays()[0]))
    assert table["_set"].to_pylist() == ["valid"] * valid.rows + ["train"] * extra.rows
    assert np.abs(session.run(None, {"features": x})[0] - native).max() < 1e-6


def test_a_finished_model_is_not_trained_again(run: MadeRun) -> None:
    first, _ = trained(run, BASELINE, TREE)
    shutil.rmtree(run.models / "baseline")
    again, events = trained(run, BASELINE, TREE)
    assert again[1] == first[1]
    assert names(events)[-1] == ("model_kept", "tree")


def test_a_half_written_model_is_trained_again(run: MadeRun) -> None:
    trained(run, BASELINE)
    (run.models / "baseline" / "record.json").unlink()
    _, events = trained(run, BASELINE)
    assert names(events)[-1] == ("model_finished", "baseline")


def test_one_that_fails_does_not_end_the_others(run: MadeRun) -> None:
    records, events = trained(run, BROKEN, BASELINE)
    assert [record.candidate.id for record in records] == ["baseline"]
    assert ("model_failed", "broken") in names(events)
    assert not (run.models / "broken").exists()


def test_nothing_trained_at_all_is_told(run: MadeRun) -> None:
    with pytest.raises(WorkFailed, match="broken"):
        trained(run, BROKEN)


def test_a_spent_budget_still_trains_one_and_skips_the_rest(run: MadeRun) -> None:
    records, events = trained(run, BASELINE, TREE, seconds=0.0)
    assert [record.candidate.id for record in records] == ["baseline"]
    assert names(events)[-1] == ("model_skipped", "tree")
