"""Every row is judged by a model that never learned from it; finished folds are kept; the mean is what is published."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from typing import Any

import numpy as np
import onnxruntime
import pyarrow.parquet as pq
import pytest

from engine.evaluation.metrics import metric
from engine.families.base import Budget
from engine.specs.training import Candidate, ModelRecord
from engine.training.answers import ANSWERS, OUT_OF_FOLD, arrays_of
from engine.training.bag import Bag
from engine.training.feature_rows import ParquetFeatureRows
from engine.training.workshop import Workshop, bodies, read_record
from tests.engine.training.made_run import TASK, MadeRun, make_run

FOLDS = 5
TREE = Candidate(id="tree", family="decision_tree", params={"rows_per_leaf": 5, "depth": 4, "columns": "all"})
LINEAR = Candidate(id="plain", family="linear", params={"penalty": "l2", "strength": 0.0, "l1_share": 0.5})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeRun:
    return make_run(tmp_path_factory.mktemp("run"), folds=FOLDS)


@pytest.fixture
def run(made: MadeRun) -> MadeRun:
    shutil.rmtree(made.models, ignore_errors=True)
    return made


def bag(run: MadeRun) -> Bag:
    return Bag(
        Workshop(
            task=TASK,
            features=run.features,
            models=run.models,
            seed=0,
            threads=1,
            clock=time.monotonic,
            folds=FOLDS,
        )
    )


def bagged(run: MadeRun, candidate: Candidate) -> tuple[ModelRecord, list[Any]]:
    events: list[dict[str, Any]] = []
    budget = Budget(60.0, time.monotonic)
    tried = bag(run).try_out(candidate, budget, events.append)
    return bag(run).finish(tried, budget, events.append), events


def test_every_row_is_judged_once_by_a_model_that_never_learned_from_it(run: MadeRun) -> None:
    record, _ = bagged(run, TREE)
    judged = pq.read_table(run.models / "tree" / OUT_OF_FOLD)
    view = run.features / "tree"
    whole = ParquetFeatureRows(view, "train")
    assert judged["_row"].to_pylist() == sorted(whole.row_numbers().tolist())
    assert record.rows == whole.rows
    assert record.score == metric("roc_auc").value(*arrays_of(judged))
    assert len(record.fold_scores) == FOLDS
    by_row = dict(zip(judged["_row"].to_pylist(), judged["score_1"].to_pylist(), strict=True))
    for fold, body in enumerate(bodies(run.models / "tree")):
        inside, outside = (
            ParquetFeatureRows(view, "train", **one) for one in ({"inside": fold}, {"outside": fold})
        )
        assert not set(inside.row_numbers().tolist()) & set(outside.row_numbers().tolist())
        session = onnxruntime.InferenceSession(str(body))
        given = session.run(None, {"features": inside.arrays()[0]})[0][:, 1]
        assert np.allclose(given, [by_row[row] for row in inside.row_numbers().tolist()], atol=1e-6)


def test_the_mean_of_the_bodies_answers_as_the_models_did(run: MadeRun) -> None:
    bagged(run, TREE)
    extra = ParquetFeatureRows(run.features / "tree", "extra")
    kept = pq.read_table(run.models / "tree" / ANSWERS)
    files = bodies(run.models / "tree")
    given = [
        onnxruntime.InferenceSession(str(file)).run(None, {"features": extra.arrays()[0]})[0]
        for file in files
    ]
    assert len(files) == FOLDS
    assert kept["_row"].to_pylist() == extra.row_numbers().tolist()
    assert np.abs(np.mean(given, axis=0) - arrays_of(kept)[1]).max() < 1e-6


def test_the_first_fold_settles_the_strength_for_all(run: MadeRun) -> None:
    record, events = bagged(run, LINEAR)
    assert record.candidate == LINEAR and record.notes["strength"] > 0
    steps = {fold: sum(1 for event in events if event["fold"] == fold) for fold in range(1, FOLDS + 1)}
    assert steps[1] > 1 and [steps[fold] for fold in range(2, FOLDS + 1)] == [1] * (FOLDS - 1)
    assert [event["share"] for event in events] == sorted(event["share"] for event in events)


def test_a_finished_fold_is_not_trained_again(run: MadeRun) -> None:
    class Killed(Exception):
        """Stands for the power cut."""

    def kill(event: dict[str, Any]) -> None:
        if event.get("fold") == 4:
            raise Killed

    budget = Budget(60.0, time.monotonic)
    with pytest.raises(Killed):
        bag(run).finish(bag(run).try_out(TREE, budget, kill), budget, kill)
    folders = sorted(path for path in (run.models / "tree").iterdir())
    assert [path.name for path in folders] == ["fold-0", "fold-1", "fold-2"]
    kept = [read_record(path) for path in folders]
    record, events = bagged(run, TREE)
    assert {event["fold"] for event in events} == {4, 5}
    assert record.fold_scores[:3] == tuple(one.score for one in kept if one is not None)


def test_what_is_left_to_do_costs_as_much_as_the_first_fold_each(run: MadeRun) -> None:
    tried = replace(bag(run).try_out(TREE, Budget(60.0, time.monotonic), lambda _: None), seconds=1.5)
    assert bag(run).cost_s(tried) == 6.0
    assert bag(run).share(9) == 1 / 10
    assert bag(run).share(0) == 1 / 6, "the last one may take the time for all its folds"
