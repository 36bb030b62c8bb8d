"""LightGBM behind the lightgbm family: bounded-memory data, a loop that obeys the clock, trees for ONNX."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import lightgbm
import numpy as np

from engine.errors import WorkFailed
from engine.families.base import Budget, Floats, Progress, TrainingData
from engine.families.bridges.boosted import Boosted, Rounds, boosted_model, sums_width, useful_threads
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.sampling import row_limit, validation_arrays
from engine.families.targets import Target, read_target
from engine.families.tree_body import Tree

#: Cells of float32 handed to LightGBM at once (240 MB); it bins them to a byte each and lets the floats go.
_CELLS = 60_000_000
_METRIC = {"binary": "binary_logloss", "multiclass": "multi_logloss", "regression": "l2"}
_OBJECTIVE = {"binary": "binary", "multiclass": "multiclass", "regression": "regression"}


def fit_boosting(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress, *, max_rows: int
) -> FittedModel:
    """Train and return the model cut at its best round.   Raises: WorkFailed when LightGBM cannot."""
    try:
        return _fit(params, data, budget, progress, max_rows)
    except lightgbm.basic.LightGBMError as error:
        raise WorkFailed(
            f"LightGBM could not train: {str(error)[:200]}",
            remedy="Leave it out with --families, and report the message.",
        ) from error


def _fit(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress, max_rows: int
) -> FittedModel:
    x, y = data.train.arrays(row_limit(len(data.train.columns), max_rows, _CELLS))
    target = read_target(y, data.task, data.outputs, standardise=True)
    if target.classes == 1:
        return constant_model(target.decode(np.ones((1, 1)))[0], rows=len(x), features=x.shape[1])
    settings = _settings(params, data, target)
    train = lightgbm.Dataset(x, label=target.encode(y), params=settings, free_raw_data=True)
    booster = lightgbm.Booster(settings, train)
    shape = x.shape
    del x  # LightGBM has binned it to a byte a cell; the floats are not needed any more
    x_valid, y_valid = validation_arrays(data)
    if len(x_valid):
        booster.add_valid(lightgbm.Dataset(x_valid, label=target.encode(y_valid), reference=train), "valid")
    rounds = Rounds(params, budget, progress, has_valid=len(x_valid) > 0)
    _run(booster, rounds)

    def raw(asked: Floats) -> Doubles:
        found = booster.predict(asked.astype(np.float64), num_iteration=rounds.best_round, raw_score=True)
        return np.asarray(found, np.float64)

    boosted = Boosted(raw=raw, trees=lambda: read_trees(booster, rounds.best_round, sums_width(target)))
    return boosted_model(boosted, target, rounds, *shape)


def _settings(params: Mapping[str, Any], data: TrainingData, target: Target) -> dict[str, Any]:
    kind = data.task if target.classes != 2 else "binary"
    settings = {
        "objective": _OBJECTIVE[kind],
        "metric": _METRIC[kind],
        "learning_rate": params["learning_rate"],
        "num_leaves": params["leaves"],
        "min_data_in_leaf": params["rows_per_leaf"],
        "feature_fraction": params["column_share"],
        "bagging_fraction": params["row_share"],
        "bagging_freq": 1 if params["row_share"] < 1 else 0,
        "lambda_l1": params["l1"],
        "lambda_l2": params["l2"],
        "extra_trees": params["random_cuts"],
        "seed": data.seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": useful_threads(data),
        "verbosity": -1,
    }
    return settings | ({"num_class": target.classes} if kind == "multiclass" else {})


def _run(booster: lightgbm.Booster, rounds: Rounds) -> None:
    """Boost until `rounds` has enough, or no tree can be split any more."""

    def loss(which: str) -> float:
        found = booster.eval_train() if which == "train" else booster.eval_valid()
        return float(found[0][2])

    step = 0
    while not booster.update():
        step += 1
        if not rounds.goes_on(step, loss("valid") if rounds.has_valid else math.nan, lambda: loss("train")):
            break
        if (larger := rounds.larger_step(step)) is not None:
            booster.reset_parameter({"learning_rate": larger})


def read_trees(booster: lightgbm.Booster, rounds: int, width: int) -> list[Tree]:
    """Return the first `rounds` rounds of trees; tree i of a round adds to output i of `width`."""
    dump = booster.dump_model(num_iteration=rounds)
    return [_read_tree(info["tree_structure"], i % width, width) for i, info in enumerate(dump["tree_info"])]


def _read_tree(root: Mapping[str, Any], output: int, width: int) -> Tree:
    flat: list[Mapping[str, Any]] = []
    links: list[tuple[int, int]] = []
    stack: list[tuple[Mapping[str, Any], int, int]] = [(root, -1, 0)]
    while stack:
        node, parent, side = stack.pop()
        position = len(flat)
        flat.append(node)
        links.append((-1, -1))
        if parent >= 0:
            before = links[parent]
            links[parent] = (position, before[1]) if side == 0 else (before[0], position)
        if "split_feature" in node:
            stack.append((node["right_child"], position, 1))
            stack.append((node["left_child"], position, 0))
    values = np.zeros((len(flat), width))
    values[:, output] = [node.get("leaf_value", 0.0) for node in flat]
    return Tree(
        feature=np.array([node.get("split_feature", 0) for node in flat], np.int64),
        threshold=np.array([node.get("threshold", 0.0) for node in flat], np.float64),
        left=np.array([left for left, _ in links], np.int64),
        right=np.array([right for _, right in links], np.int64),
        missing_left=np.array([_goes_left_when_missing(node) for node in flat], np.bool_),
        values=values,
    )


def _goes_left_when_missing(node: Mapping[str, Any]) -> bool:
    """Say where NaN goes: where training sent it, or where 0 goes when training saw none missing."""
    if "split_feature" not in node:
        return False
    if node["missing_type"] == "None":
        return bool(node["threshold"] >= 0.0)
    return bool(node["default_left"])
