"""Parts of the training rows are trained on once and judged on other rows, and not at all where they say nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from engine.evaluation.metrics import metric
from engine.families.base import Budget
from engine.files import read_json
from engine.specs.codec import from_json
from engine.specs.learning import LearningCurve
from engine.specs.training import Candidate, SelectedModel, Selection
from engine.training import learning_curve as module
from engine.training.answers import OUT_OF_FOLD, arrays_of
from engine.training.bag import Bag
from engine.training.feature_rows import ParquetFeatureRows
from engine.training.holdout import train_one
from engine.training.learning_curve import FewerRows, draw_learning_curve
from engine.training.workshop import Workshop
from tests.engine.training.made_run import TASK, MadeRun, make_run

FOLDS = 5
LINEAR = Candidate(id="plain", family="linear", params={"penalty": "l2", "strength": 0.0, "l1_share": 0.5})
GUESS = Candidate(id="baseline", family="baseline")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeRun:
    """A run whose linear model and baseline were cross-validated."""
    run = make_run(tmp_path_factory.mktemp("run"), folds=FOLDS)
    for candidate in (LINEAR, GUESS):
        bag, budget = Bag(workshop(run, FOLDS)), Budget(60.0, time.monotonic)
        bag.finish(bag.try_out(candidate, budget, lambda _: None), budget, lambda _: None)
    return run


@pytest.fixture(autouse=True)
def few_rows_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEWEST_ROWS", 100)


def workshop(run: MadeRun, folds: int) -> Workshop:
    return Workshop(
        task=TASK,
        features=run.features,
        models=run.models,
        seed=0,
        threads=1,
        clock=time.monotonic,
        folds=folds,
    )


def drawn(
    shop: Workshop, file: Path, candidate: str = "plain", seconds: float = 60.0
) -> tuple[LearningCurve | None, list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []
    chosen = Selection(members=(SelectedModel(candidate=candidate),), score=0.9)
    return draw_learning_curve(chosen, shop, file, Budget(seconds, time.monotonic), events.append), events


def test_fewer_rows_are_some_of_all_spread_evenly(made: MadeRun) -> None:
    whole = ParquetFeatureRows(made.features / "linear", "train", outside=0)
    some = FewerRows(whole, 50)
    x, y = some.arrays()
    expected = whole.arrays(50)
    assert np.array_equal(x, expected[0], equal_nan=True) and np.array_equal(y, expected[1])
    assert (some.rows, some.sample_shape, some.columns) == (50, whole.sample_shape, whole.columns)
    assert np.array_equal(some.arrays(10)[0], x[::5])
    batches = list(some.batches(20, seed=1))
    assert [len(part) for _, part in batches] == [20, 20, 10]
    assert sorted(np.concatenate([part for part, _ in batches])[:, 0]) == sorted(x[:, 0])
    again = next(some.batches(20, seed=1))
    assert np.array_equal(again[0], batches[0][0]) and not np.array_equal(again[0], x[:20])


def test_the_last_point_is_what_the_first_fold_s_model_answered(made: MadeRun, tmp_path: Path) -> None:
    file = tmp_path / "curve.json"
    curve, events = drawn(workshop(made, FOLDS), file)
    assert curve is not None and from_json(LearningCurve, read_json(file)) == curve
    left_out = ParquetFeatureRows(made.features / "linear", "train", inside=0)
    whole = ParquetFeatureRows(made.features / "linear", "train", outside=0).rows
    assert [point.rows for point in curve.points] == [whole // 8, whole // 4, whole // 2, whole]
    judged = pq.read_table(
        made.models / "plain" / OUT_OF_FOLD, filters=[("_row", "in", left_out.row_numbers())]
    )
    assert curve.whole.score == metric("roc_auc").value(*arrays_of(judged)) and curve.judged == left_out.rows
    assert [(event["rows"], event["score"]) for event in events] == [
        (point.rows, point.score) for point in curve.points[:-1]
    ]
    assert curve.points[0].score < curve.whole.score, "an eighth of the rows teaches less"


def test_a_finished_part_is_not_trained_again(made: MadeRun, tmp_path: Path) -> None:
    file = tmp_path / "curve.json"
    curve, _ = drawn(workshop(made, FOLDS), file)
    parts = sorted(file.parent.glob("plain/*.parquet"))
    file.unlink()
    parts[0].unlink()
    written = {part: part.stat().st_mtime_ns for part in parts[1:]}
    assert drawn(workshop(made, FOLDS), file)[0] == curve
    assert parts[0].exists() and {part: part.stat().st_mtime_ns for part in parts[1:]} == written


def test_without_time_or_rows_or_anything_learned_there_is_none(
    made: MadeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, file = workshop(made, FOLDS), tmp_path / "curve.json"
    assert drawn(shop, file, seconds=0.0) == (None, [])
    assert drawn(shop, file, candidate="baseline") == (None, [])
    monkeypatch.setattr(module, "FEWEST_ROWS", 400)
    assert drawn(shop, file) == (None, [])
    assert not file.exists()


def test_a_part_that_cannot_be_trained_is_left_out(
    made: MadeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHARES", (0.0, 1 / 4, 1 / 2))  # no library learns from no rows
    curve, events = drawn(workshop(made, FOLDS), tmp_path / "curve.json")
    assert curve is not None and len(curve.points) == 3 == len(events) + 1


def test_validation_rows_judge_where_there_are_no_folds(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    shop = workshop(run, 0)
    tree = Candidate(
        id="tree", family="decision_tree", params={"rows_per_leaf": 5, "depth": 4, "columns": "all"}
    )
    record = train_one(tree, shop, Budget(60.0, time.monotonic), lambda _: None)
    # What is published was trained on validation rows too; the curve belongs to the training before.
    curve, _ = drawn(shop, tmp_path / "curve.json", candidate="tree-all-rows")
    assert record is not None and curve is not None
    assert curve.whole.score == record.score
    assert curve.judged == 90 and curve.whole.rows == record.rows == 300
