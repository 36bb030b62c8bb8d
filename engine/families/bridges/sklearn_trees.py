"""scikit-learn's tree and forests; forests grow in slices, so that the clock is obeyed.

A forest of classes has one tree more, a single leaf with the classes' shares: no class is ever impossible because no
tree happened to meet it, which a log loss does not forgive, and ranks stay as they are.
Source: Provost and Domingos, Tree Induction for Probability-Based Ranking, Machine Learning 52, 2003 (smoothed leaves).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from engine.families.base import Budget, Floats, Progress, TrainingData
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.sampling import log_loss, squared_loss, training_arrays, validation_arrays
from engine.families.targets import Target, read_target
from engine.families.tree_body import Tree, add_trees
from engine.transforms.graph import Graph

_COLUMNS: Mapping[str, float | str | None] = {"sqrt": "sqrt", "third": 0.33, "half": 0.5, "all": None}
_VALIDATION_ROWS = 5_000


def fit_forest(
    params: Mapping[str, Any],
    data: TrainingData,
    budget: Budget,
    progress: Progress,
    *,
    max_rows: int,
    random_cuts: bool,
) -> FittedModel:
    """Grow trees until there are enough or the time is over; at least one slice is grown."""
    x, y = training_arrays(data, max_rows)
    target = read_target(y, data.task, data.outputs)
    if target.classes == 1:
        return constant_model(target.decode(np.ones((1, 1)))[0], rows=len(x), features=x.shape[1])
    make = _FORESTS[(bool(target.classes), random_cuts)]
    forest = make(
        n_estimators=1,
        warm_start=True,
        n_jobs=data.threads,
        random_state=data.seed,
        **_tree_settings(params),
    )
    codes = target.encode(y)
    x_valid, y_valid = validation_arrays(data, _VALIDATION_ROWS)
    curve: list[tuple[float, float, float]] = []
    grown, stopped = 0, "converged"
    slice_ = max(1, data.threads)
    while grown < params["trees"]:
        before = budget.left_s
        count = min(params["trees"], grown + slice_)
        forest.set_params(n_estimators=count).fit(x, codes)
        spent = before - budget.left_s
        per_tree = spent / (count - grown)
        grown = count
        if len(x_valid):
            answer = _smoothed(_answer(target, forest, x_valid), grown, _shares(target, codes))
            curve.append((float(grown), float("nan"), _loss(target, answer, y_valid)))
        progress(grown / params["trees"], float("nan"), curve[-1][2] if curve else float("nan"))
        if budget.left_s <= per_tree * max(1, data.threads):
            stopped = "time"
            break
        # A slice of about two seconds keeps the clock obeyed, and the threads busy.
        affordable = min(2.0, budget.left_s / 2) / max(per_tree, 1e-4)
        slice_ = max(1, int(affordable) // max(1, data.threads)) * max(1, data.threads)
    if grown >= params["trees"]:
        stopped = "converged"
    shares = _shares(target, codes)
    return _model(forest, target, len(x), stopped, tuple(curve), {"trees": grown}, shares)


def fit_tree(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress, *, max_rows: int
) -> FittedModel:
    """Grow one tree."""
    x, y = training_arrays(data, max_rows)
    target = read_target(y, data.task, data.outputs)
    if target.classes == 1:
        return constant_model(target.decode(np.ones((1, 1)))[0], rows=len(x), features=x.shape[1])
    make = DecisionTreeClassifier if target.classes else DecisionTreeRegressor
    tree = make(random_state=data.seed, **_tree_settings(params)).fit(x, target.encode(y))
    progress(1.0, float("nan"), float("nan"))
    return _model(tree, target, len(x), "converged", (), {"leaves": int(tree.get_n_leaves())})


_FORESTS: Mapping[tuple[bool, bool], Callable[..., Any]] = {
    (True, False): RandomForestClassifier,
    (True, True): ExtraTreesClassifier,
    (False, False): RandomForestRegressor,
    (False, True): ExtraTreesRegressor,
}


def _tree_settings(params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "min_samples_leaf": params["rows_per_leaf"],
        "max_features": _COLUMNS[params["columns"]],
        "max_depth": params["depth"] or None,
    }


def _answer(target: Target, model: Any, x: Floats) -> Doubles:
    return model.predict_proba(x) if target.classes else model.predict(x).reshape(-1, 1)


def _shares(target: Target, codes: Doubles) -> Doubles | None:
    """Return the classes' shares of the rows (classes,); None for values."""
    if not target.classes:
        return None
    counts = np.bincount(codes.astype(np.int64), minlength=target.classes)
    shares: Doubles = counts / counts.sum()
    return shares


def _smoothed(answer: Doubles, trees: int, shares: Doubles | None) -> Doubles:
    return answer if shares is None else (trees * answer + shares) / (trees + 1)


def _loss(target: Target, answer: Doubles, y: Doubles) -> float:
    codes = target.encode(y)
    return log_loss(codes, answer) if target.classes else squared_loss(codes, answer)


def _model(
    model: Any,
    target: Target,
    rows: int,
    stopped: str,
    curve: tuple[tuple[float, float, float], ...],
    notes: dict[str, Any],
    shares: Doubles | None = None,
) -> FittedModel:
    """model: a forest or a tree.   shares: of the classes, for the answer of one tree more."""
    estimators: Sequence[Any] = getattr(model, "estimators_", [model])

    def native(x: Floats) -> Doubles:
        return target.decode(_smoothed(_answer(target, model, x), len(estimators), shares))

    def nodes(graph: Graph, x: str) -> str:
        trees = [_read_tree(estimator.tree_, bool(target.classes)) for estimator in estimators]
        if shares is not None:
            trees.append(_leaf(shares))
        return target.decode_nodes(graph, add_trees(graph, x, trees, scale=1.0 / len(trees)))

    return FittedModel(
        native=native,
        nodes=nodes,
        rows=rows,
        features=int(model.n_features_in_),
        outputs=target.outputs,
        stopped=stopped,
        curve=curve,
        notes=notes,
    )


def _leaf(values: Doubles) -> Tree:
    """Return a tree that gives every row the same answer."""
    return Tree(
        feature=np.array([-2], np.int64),
        threshold=np.array([-2.0]),
        left=np.array([-1], np.int64),
        right=np.array([-1], np.int64),
        missing_left=np.array([False]),
        values=values[None, :],
    )


def _read_tree(tree: Any, is_classifier: bool) -> Tree:
    values = np.asarray(tree.value[:, 0, :], np.float64)
    if is_classifier:
        values = values / values.sum(axis=1, keepdims=True)
    return Tree(
        feature=np.asarray(tree.feature, np.int64),
        threshold=np.asarray(tree.threshold, np.float64),
        left=np.asarray(tree.children_left, np.int64),
        right=np.asarray(tree.children_right, np.int64),
        missing_left=np.asarray(tree.missing_go_to_left, np.bool_),
        values=values,
    )
