"""Every row is judged by a model that never saw it; finished folds are kept; what is judged is what is published."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
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
from engine.training.cross_train import cross_train, middle
from engine.training.feature_rows import ParquetFeatureRows
from engine.training.train import BODY, Workshop, read_record
from tests.engine.training.made_run import TASK, MadeRun, make_run

FOLDS = 5
BASELINE = Candidate(id="baseline", family="baseline")
TREE = Candidate(id="tree", family="decision_tree", params={"rows_per_leaf": 5, "depth": 4, "columns": "all"})
LINEAR = Candidate(id="plain", family="linear", params={"penalty": "l2", "strength": 0.0, "l1_share": 0.5})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeRun:
    return make_run(tmp_path_factory.mktemp("run"), folds=FOLDS)


@pytest.fixture
def run(made: MadeRun) -> MadeRun:
    shutil.rmtree(made.models, ignore_errors=True)
    return made


def workshop(run: MadeRun, clock: Callable[[], float] = time.monotonic) -> Workshop:
    return Workshop(
        task=TASK, features=run.features, models=run.models, seed=0, threads=1, clock=clock, folds=FOLDS
    )


def crossed(
    run: MadeRun, candidate: Candidate, seconds: float = 60.0
) -> tuple[ModelRecord | None, list[Any]]:
    events: list[dict[str, Any]] = []
    return cross_train(candidate, workshop(run), Budget(seconds, time.monotonic), events.append), events


def test_every_row_is_judged_once_by_a_model_that_never_saw_it(run: MadeRun) -> None:
    record, _ = crossed(run, TREE)
    assert record is not None
    answers = pq.read_table(run.models / "tree" / OUT_OF_FOLD)
    whole = ParquetFeatureRows(run.features / "tree", "train")
    assert sorted(answers["_row"].to_pylist()) == sorted(whole.row_numbers().tolist())
    assert record.rows == whole.rows
    assert record.score == metric("roc_auc").value(*arrays_of(answers))
    assert len(record.fold_scores) == FOLDS
    assert min(record.fold_scores) <= record.score <= max(record.fold_scores)
    for fold in range(FOLDS):
        view = run.features / f"fold-{fold}" / "tree"
        inside, outside = (ParquetFeatureRows(view, name).row_numbers() for name in ("valid", "train"))
        assert not set(inside.tolist()) & set(outside.tolist())


def test_a_folds_target_does_not_reach_its_features(run: MadeRun) -> None:
    city = {
        fold: np.unique(ParquetFeatureRows(run.features / f"fold-{fold}" / "tree", "valid").arrays()[0][:, 1])
        for fold in range(FOLDS)
    }
    assert len({tuple(values.tolist()) for values in city.values()}) == FOLDS


def test_the_body_answers_as_the_model_trained_on_all_rows(run: MadeRun) -> None:
    crossed(run, TREE)
    extra = ParquetFeatureRows(run.features / "tree", "extra")
    kept = pq.read_table(run.models / "tree" / ANSWERS)
    session = onnxruntime.InferenceSession(str(run.models / "tree" / BODY))
    given = session.run(None, {"features": extra.arrays()[0]})[0]
    assert kept["_row"].to_pylist() == extra.row_numbers().tolist()
    assert np.abs(given - arrays_of(kept)[1]).max() < 1e-6


def test_one_strength_holds_for_all_folds_and_for_what_is_published(run: MadeRun) -> None:
    record, events = crossed(run, LINEAR)
    assert record is not None
    assert {event["fold"] for event in events if "fold" in event} == set(range(1, FOLDS + 1))
    assert record.candidate == LINEAR and record.notes["strength"] > 0
    assert [event["share"] for event in events] == sorted(event["share"] for event in events)


def test_the_middle_fold_decides() -> None:
    def found(rounds: int, rate: float) -> ModelRecord:
        return replace(BARE, notes={"rounds": rounds, "learning_rate": rate, "other": 1})

    assert middle([found(9, 0.1), found(70, 0.2), found(50, 0.3)]) == {"rounds": 50, "learning_rate": 0.3}
    assert middle([BARE, BARE]) == {}


BARE = ModelRecord(
    candidate=Candidate(id="boosted", family="lightgbm"),
    score=0.5, train_score=None, metrics={}, seconds=1.0, rows=1, features=1,
)  # fmt: skip


def test_a_finished_fold_is_not_trained_again(run: MadeRun) -> None:
    class Killed(Exception):
        """Stands for the power cut."""

    def kill(event: dict[str, Any]) -> None:
        if event.get("fold") == 4:
            raise Killed

    with pytest.raises(Killed):
        cross_train(TREE, workshop(run), Budget(60.0, time.monotonic), kill)
    folders = sorted(path for path in (run.models / "tree").iterdir())
    assert [path.name for path in folders] == ["judge-0", "judge-1", "judge-2"]
    kept = [read_record(path) for path in folders]
    record, events = crossed(run, TREE)
    assert record is not None
    assert {event["fold"] for event in events if "fold" in event} == {4, 5}
    assert record.fold_scores[:3] == tuple(one.score for one in kept if one is not None)


def test_without_time_for_all_folds_a_model_is_not_judged(run: MadeRun) -> None:
    assert crossed(run, BASELINE, seconds=0.0)[0] is not None, (
        "the first model is finished whatever the clock says"
    )
    assert crossed(run, TREE, seconds=0.0)[0] is None
    assert read_record(run.models / "tree") is None
