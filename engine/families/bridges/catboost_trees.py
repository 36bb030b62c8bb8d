"""CatBoost behind the catboost family: its callback obeys the clock, and its symmetric trees are read exactly."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import catboost
import numpy as np

from engine.errors import WorkFailed
from engine.families.base import Budget, Floats, Progress, TrainingData
from engine.families.bridges.boosted import Boosted, Rounds, boosted_model, sums_width, useful_threads
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.sampling import row_limit, validation_arrays
from engine.families.targets import Target, read_target
from engine.families.tree_body import Tree

_LOSS = {"binary": "Logloss", "multiclass": "MultiClass", "regression": "RMSE"}
_CELLS = 60_000_000


def fit_catboost(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress, *, max_rows: int
) -> FittedModel:
    """Train and return the model cut at its best round.   Raises: WorkFailed when CatBoost cannot."""
    x, y = data.train.arrays(row_limit(len(data.train.columns), max_rows, _CELLS))
    target = read_target(y, data.task, data.outputs, standardise=True)
    if target.classes == 1:
        return constant_model(target.decode(np.ones((1, 1)))[0], rows=len(x), features=x.shape[1])
    if not target.classes and np.ptp(y) == 0.0:
        return constant_model(np.array([target.mean]), rows=len(x), features=x.shape[1])
    rounds = Rounds(params, budget, progress, has_valid=data.valid.rows > 0)
    listener = _Listener(rounds)
    train = catboost.Pool(x, target.encode(y), thread_count=useful_threads(data))
    x_valid, y_valid = validation_arrays(data)
    valid = catboost.Pool(x_valid, target.encode(y_valid)) if rounds.has_valid else None
    model = _train(_settings(params, data, target), train, valid, listener)
    if listener.larger_step is not None:
        # CatBoost can't change its step on the way: the first rounds only told how long one takes.
        rounds.restart()
        settings = _settings(params, data, target) | {"learning_rate": listener.larger_step}
        model = _train(settings, train, valid, _Listener(rounds))

    def raw(asked: Floats) -> Doubles:
        found = model.predict(
            asked, prediction_type="RawFormulaVal", ntree_end=rounds.best_round, thread_count=data.threads
        )
        return np.asarray(found, np.float64)

    read = read_catboost(model, rounds.best_round, sums_width(target))
    boosted = Boosted(raw=raw, trees=lambda: read[0], base=read[1])
    return boosted_model(boosted, target, rounds, *x.shape)


def _settings(params: Mapping[str, Any], data: TrainingData, target: Target) -> dict[str, Any]:
    return {
        "loss_function": _LOSS[data.task if target.classes != 2 else "binary"],
        "iterations": params["rounds"],
        "learning_rate": params["learning_rate"],
        "depth": params["depth"],
        "l2_leaf_reg": params["l2"],
        "random_strength": params["randomness"],
        "border_count": params["borders"],
        "rsm": params["column_share"],
        "bootstrap_type": "MVS" if sums_width(target) == 1 else "Bernoulli",
        "subsample": params["row_share"],
        "boosting_type": "Plain",
        "use_best_model": False,
        "random_seed": data.seed,
        "thread_count": useful_threads(data),
        "allow_writing_files": False,
        "logging_level": "Silent",
    }


def _train(
    settings: Mapping[str, Any], train: catboost.Pool, valid: catboost.Pool | None, listener: _Listener
) -> catboost.CatBoost:
    model = catboost.CatBoost(dict(settings))
    try:
        return model.fit(train, eval_set=valid, callbacks=[listener])
    except catboost.CatBoostError as error:
        if listener.raised is not None:
            raise listener.raised from None
        raise WorkFailed(
            f"CatBoost could not train: {str(error)[:200]}",
            remedy="Leave it out with --families, and report the message.",
        ) from error


@dataclass
class _Listener:
    """CatBoost's callback.   raised: what a listener of ours raised, which CatBoost turns into an error of its own.

    larger_step: the learning rate to start again with, where the time allows too few rounds.
    """

    rounds: Rounds
    raised: BaseException | None = None
    larger_step: float | None = None

    def after_iteration(self, info: Any) -> bool:
        step = info.iteration
        valid = _loss(info.metrics["validation"]) if self.rounds.has_valid else math.nan
        try:
            goes_on = self.rounds.goes_on(step, valid, _reader(info.metrics["learn"]))
        except BaseException as error:
            self.raised = error
            raise
        self.larger_step = self.rounds.larger_step(step) if goes_on else None
        return goes_on and self.larger_step is None


def _reader(metrics: Mapping[str, list[float]]) -> Callable[[], float]:
    return lambda: _loss(metrics)


def _loss(metrics: Mapping[str, list[float]]) -> float:
    ((name, values),) = metrics.items()
    return float(values[-1] ** 2 if name == "RMSE" else values[-1])


def read_catboost(model: catboost.CatBoost, rounds: int, width: int) -> tuple[list[Tree], Doubles]:
    """Return the first `rounds` trees and what is added to all sums (width,).

    A row's leaf number has bit i set where the feature of split i is above its border, NaN never being above.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        told = json.loads(path.read_text(encoding="utf-8"))
    scale, bias = told["scale_and_bias"]
    columns = [feature["flat_feature_index"] for feature in told["features_info"]["float_features"]]
    trees = [_read_tree(tree, columns, width, scale) for tree in told["oblivious_trees"][:rounds]]
    return trees, np.asarray(bias, np.float64)


def _read_tree(tree: Mapping[str, Any], columns: list[int], width: int, scale: float) -> Tree:
    """Write a symmetric tree out as a binary one, the last split its root: leaves then stand in their order.

    Questions whose two answers hold the same leaves, as they often do where no training row went, are left out.
    """
    splits = tree["splits"] or ()  # a tree of one leaf has none
    leaves = np.asarray(tree["leaf_values"], np.float64).reshape(-1, width) * scale
    nodes: list[tuple[int, float, int, int]] = []
    values: list[Doubles] = []

    def add(level: int, part: Doubles) -> int:
        while level >= 0 and (part[: len(part) // 2] == part[len(part) // 2 :]).all():
            part, level = part[: len(part) // 2], level - 1
        position = len(nodes)
        nodes.append((0, 0.0, -1, -1))
        values.append(part[0] if level < 0 else np.zeros(width))
        if level >= 0:
            half = len(part) // 2
            split = splits[level]
            left, right = add(level - 1, part[:half]), add(level - 1, part[half:])
            nodes[position] = (columns[split["float_feature_index"]], split["border"], left, right)
        return position

    add(len(splits) - 1, leaves)
    feature, border, left, right = zip(*nodes, strict=True)
    return Tree(
        feature=np.array(feature, np.int64),
        threshold=np.array(border, np.float64),
        left=np.array(left, np.int64),
        right=np.array(right, np.int64),
        missing_left=np.ones(len(nodes), np.bool_),
        values=np.array(values),
    )
