"""XGBoost behind the xgboost family: a loop that obeys the clock, and its trees read exactly."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import xgboost

from engine.errors import WorkFailed
from engine.families.base import Budget, Floats, Progress, TrainingData
from engine.families.bridges.boosted import Boosted, Rounds, boosted_model, sums_width, useful_threads
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.sampling import row_limit, validation_arrays
from engine.families.targets import Target, class_shares, read_target
from engine.families.tree_body import Tree

_OBJECTIVE = {
    "binary": ("binary:logistic", "logloss"),
    "multiclass": ("multi:softprob", "mlogloss"),
    "regression": ("reg:squarederror", "rmse"),
}
#: Cells of float32 handed over at once; they are binned to two bytes each.
_CELLS = 60_000_000


def fit_xgboost(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress, *, max_rows: int
) -> FittedModel:
    """Train and return the model cut at its best round.   Raises: WorkFailed when XGBoost cannot."""
    x, y = data.train.arrays(row_limit(len(data.train.columns), max_rows, _CELLS))
    target = read_target(y, data.task, data.outputs, standardise=True)
    if target.classes == 1:
        return constant_model(target.decode(np.ones((1, 1)))[0], rows=len(x), features=x.shape[1])
    try:
        return _fit(params, data, Rounds(params, budget, progress, data.valid.rows > 0), (x, y), target)
    except xgboost.core.XGBoostError as error:
        raise WorkFailed(
            f"XGBoost could not train: {str(error)[:200]}",
            remedy="Leave it out with --families, and report the message.",
        ) from error


def _fit(
    params: Mapping[str, Any],
    data: TrainingData,
    rounds: Rounds,
    rows: tuple[Floats, Doubles],
    target: Target,
) -> FittedModel:
    x, y = rows
    base = _base(target.encode(y), target)
    threads = useful_threads(data)
    train = xgboost.QuantileDMatrix(
        x, target.encode(y), base_margin=_margins(base, len(x)), nthread=threads, max_bin=256
    )
    watched = [(train, "train")]
    if rounds.has_valid:
        x_valid, y_valid = validation_arrays(data)
        valid = xgboost.QuantileDMatrix(
            x_valid,
            target.encode(y_valid),
            base_margin=_margins(base, len(x_valid)),
            nthread=threads,
            ref=train,
        )
        watched.append((valid, "valid"))
    booster = xgboost.Booster(_settings(params, data, target, threads), [matrix for matrix, _ in watched])
    _run(booster, rounds, watched)

    def raw(asked: Floats) -> Doubles:
        found = booster.inplace_predict(
            asked,
            iteration_range=(0, rounds.best_round),
            predict_type="margin",
            base_margin=_margins(base, len(asked)),
        )
        return np.asarray(found, np.float64)

    boosted = Boosted(raw=raw, trees=lambda: read_xgboost(booster, rounds.best_round, len(base)), base=base)
    return boosted_model(boosted, target, rounds, *x.shape)


def _settings(params: Mapping[str, Any], data: TrainingData, target: Target, threads: int) -> dict[str, Any]:
    objective, metric = _OBJECTIVE[data.task if target.classes != 2 else "binary"]
    settings = {
        "objective": objective,
        "eval_metric": metric,
        "tree_method": "hist",
        "device": "cpu",
        "learning_rate": params["learning_rate"],
        "max_depth": params["depth"],
        "min_child_weight": params["leaf_weight"],
        "colsample_bytree": params["column_share"],
        "colsample_bynode": params["split_column_share"],
        "subsample": params["row_share"],
        "gamma": params["least_gain"],
        "alpha": params["l1"],
        "lambda": params["l2"],
        "seed": data.seed,
        "nthread": threads,
        "verbosity": 0,
    }
    return settings | ({"num_class": target.classes} if sums_width(target) > 1 else {})


def _base(codes: Doubles, target: Target) -> Doubles:
    """Return where sums start: at the log odds of the classes' shares, or at 0, the mean of standardised values.

    Given as margins, so that nothing rests on how a version of XGBoost guesses and stores its base score.
    """
    if not target.classes:
        return np.zeros(1)
    shares = class_shares(codes, target.classes)
    base = np.log(shares[1:] / shares[0]) if target.classes == 2 else np.log(shares)
    return base.astype(np.float32).astype(np.float64)


def _margins(base: Doubles, rows: int) -> Floats:
    margins = np.tile(base.astype(np.float32), (rows, 1))
    return margins if len(base) > 1 else margins[:, 0]


def _run(
    booster: xgboost.Booster, rounds: Rounds, watched: list[tuple[xgboost.QuantileDMatrix, str]]
) -> None:
    """Boost until `rounds` has enough."""

    def loss(which: int) -> float:
        told = booster.eval_set([watched[which]])
        value = float(told.rsplit(":", 1)[1])
        return value**2 if "rmse" in told else value

    goes_on, step = True, 0
    while goes_on:
        booster.update(watched[0][0], step)
        step += 1
        goes_on = rounds.goes_on(step, loss(1) if rounds.has_valid else math.nan, lambda: loss(0))
        if (larger := rounds.larger_step(step)) is not None:
            booster.set_param({"learning_rate": larger})


def read_xgboost(booster: xgboost.Booster, rounds: int, width: int) -> list[Tree]:
    """Return the first `rounds` rounds of trees; each adds to one output of `width`.

    XGBoost goes left where a float32 feature is below a float32 cut: where it is at most the float before the cut.
    """
    model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
    return [
        _read_tree(tree, output, width)
        for tree, output in zip(model["trees"], model["tree_info"], strict=True)
    ][: rounds * width]


def _read_tree(tree: Mapping[str, Any], output: int, width: int) -> Tree:
    left = np.array(tree["left_children"], np.int64)
    conditions = np.array(tree["split_conditions"], np.float32)
    values = np.zeros((len(left), width))
    values[:, output] = np.where(left < 0, conditions, 0.0)
    return Tree(
        feature=np.array(tree["split_indices"], np.int64),
        threshold=np.nextafter(conditions, np.float32(-np.inf)).astype(np.float64),
        left=left,
        right=np.array(tree["right_children"], np.int64),
        missing_left=np.array(tree["default_left"], np.bool_),
        values=values,
    )
