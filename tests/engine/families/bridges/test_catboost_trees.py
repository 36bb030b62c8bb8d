"""CatBoost's symmetric trees are read exactly, its callback obeys the clock, and no file is left behind."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.families.base import Budget, Progress
from engine.families.bridges.catboost_trees import fit_catboost
from engine.families.catboost import FAMILY
from engine.families.fitted import FittedModel
from engine.specs.params import complete
from engine.specs.schema import Task
from tests.engine.made_rows import Rows, by_onnx, difference, made_data


def nobody(done: float, train: float, valid: float) -> None:
    """Listen to nothing."""


def fit(
    task: Task,
    view: str = "tree",
    budget: Budget | None = None,
    progress: Progress = nobody,
    **given: Any,
) -> FittedModel:
    params = complete(FAMILY.params, {"rounds": 40, **given}, "catboost")
    budget = budget or Budget(30.0, time.monotonic)
    return fit_catboost(params, made_data(view, task), budget, progress, max_rows=10_000)


@pytest.mark.parametrize("view", ["tree", "linear"])
def test_features_on_and_beside_borders_are_decided_as_natively(view: str) -> None:
    data = made_data(view, "regression")
    fitted = fit("regression", view)
    x = np.sort(data.train.arrays()[0], axis=0)
    # Borders lie between training values: the middles and their neighbours are the near misses.
    middle = ((x[1:].astype(np.float64) + x[:-1]) / 2).astype(np.float32)
    with np.errstate(over="ignore"):
        asked = np.concatenate(
            [x, middle, np.nextafter(middle, np.float32(-np.inf)), np.nextafter(middle, np.float32(np.inf))]
        )
    ends = np.float32(np.finfo(np.float32).max)
    more = [np.full((1, 5), value) for value in (np.nan, 0.0, -ends, ends)]
    asked = np.concatenate([asked, *more]).astype(np.float32)
    assert difference(data, fitted.predict(asked), by_onnx(fitted.to_onnx(), asked)) < 1e-5


def test_no_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fit("binary").to_onnx()
    assert list(tmp_path.iterdir()) == []


def test_one_value_for_all_rows_is_its_answer() -> None:
    made = made_data("tree", "regression")
    x = made.train.arrays()[0]
    data = replace(made, train=Rows(x, np.full(len(x), 7.0)))
    params = complete(FAMILY.params, {"rounds": 5}, "catboost")
    fitted = fit_catboost(params, data, Budget(9.0, time.monotonic), nobody, max_rows=10_000)
    assert (fitted.predict(data.valid.arrays()[0]) == 7.0).all()


def test_patience_stops_it_and_the_best_round_is_kept() -> None:
    fitted = fit("binary", rounds=2000, learning_rate=0.3, patience=10)
    assert fitted.stopped == "early"
    assert fitted.notes["rounds"] < 400


def test_a_spent_budget_keeps_one_round() -> None:
    fitted = fit("binary", budget=Budget(0.0, time.monotonic))
    assert (fitted.stopped, fitted.notes["rounds"]) == ("time", 1)


def test_too_little_time_for_small_steps_starts_again_with_larger_ones() -> None:
    ticks = itertools.count()
    # A second goes by at every look at the clock: 300 of them are far fewer than a step of 0.01 needs.
    fitted = fit("binary", budget=Budget(300.0, lambda: float(next(ticks))), rounds=2000, learning_rate=0.01)
    assert fitted.notes["learning_rate"] > 0.02
    assert fitted.curve[0][0] == 1.0


def test_what_a_listener_raises_is_not_turned_into_an_error_of_catboost() -> None:
    class Enough(Exception):
        pass

    def listener(done: float, train: float, valid: float) -> None:
        raise Enough

    with pytest.raises(Enough):
        fit("binary", progress=listener)


def test_trees_that_ask_nothing_are_their_one_leaf() -> None:
    rng = np.random.default_rng(0)
    x = (rng.random((200, 2)) < 0.5).astype(np.float32)
    y = np.where(x[:, 0] == x[:, 1], 1.0, 0.0)
    made = replace(made_data("tree", "binary"), train=Rows(x, y), valid=Rows(x, y))
    # In a round whose lot leaves out both columns, nothing can be asked.
    params = complete(FAMILY.params, {"rounds": 300, "depth": 2, "column_share": 0.6}, "catboost")
    fitted = fit_catboost(params, made, Budget(30.0, time.monotonic), nobody, max_rows=10_000)
    assert difference(made, fitted.predict(x), by_onnx(fitted.to_onnx(), x)) < 1e-5
