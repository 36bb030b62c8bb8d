"""LightGBM behind the lightgbm family: bounded-memory data, a loop that obeys the clock, trees for ONNX."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import lightgbm
import numpy as np

from engine.errors import WorkFailed
from engine.families.base import Budget, Floats, Progress, TrainingData
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.sampling import row_limit, validation_arrays
from engine.families.targets import Target, read_target, sigmoid, softmax, two_columns, two_columns_nodes
from engine.families.tree_body import Tree, add_trees
from engine.transforms.graph import Graph

#: Cells of float32 handed to LightGBM at once (240 MB); it bins them to a byte each and lets the floats go.
_CELLS = 60_000_000
_CELLS_PER_THREAD = 400_000
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
    rows, features = x.shape
    del x  # LightGBM has binned it to a byte a cell; the floats are not needed any more
    x_valid, y_valid = validation_arrays(data)
    if len(x_valid):
        booster.add_valid(lightgbm.Dataset(x_valid, label=target.encode(y_valid), reference=train), "valid")
    run = _Boosting(booster, params, budget, progress, has_valid=len(x_valid) > 0)
    run.run()
    return _model(booster, target, rows, features, run)


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


def useful_threads(data: TrainingData) -> int:
    """Return how many threads are worth their hand-overs: on 11,000 rows × 17 features one beats two by 1.5."""
    cells = data.train.rows * len(data.train.columns)
    return max(1, min(data.threads, cells // _CELLS_PER_THREAD))


@dataclass
class _Boosting:
    """The training loop. After `run`: best_round trees are kept."""

    booster: lightgbm.Booster
    params: Mapping[str, Any]
    budget: Budget
    progress: Progress
    has_valid: bool
    best_round: int = 0
    learning_rate: float = 0.0
    stopped: str = "converged"
    curve: list[tuple[float, float, float]] = field(default_factory=list)

    def run(self) -> None:
        rounds = self.params["rounds"]
        self.learning_rate = self.params["learning_rate"]
        best = math.inf
        every = max(1, rounds // 200)
        started = self.budget.left_s
        for step in range(1, rounds + 1):
            if self.booster.update():
                break
            valid = self._loss("valid") if self.has_valid else -float(step)
            if valid < best - 1e-9 * abs(best) if math.isfinite(best) else True:
                best, self.best_round = valid, step
            if step % every == 0 or step == 1:
                self._report(step, rounds, valid)
            if self.budget.is_spent:
                self.stopped = "time"
                break
            if self.has_valid and step - self.best_round >= self.params["patience"]:
                self.stopped = "early"
                break
            if step == 20:
                self._fit_to_time(step, rounds, started - self.budget.left_s)
        self.best_round = max(1, self.best_round)

    def _fit_to_time(self, step: int, rounds: int, spent_s: float) -> None:
        """Take larger steps when the time left allows far fewer rounds than a small step needs.

        Without validation rows the rounds and the step were found before, and stay.
        """
        if not self.has_valid:
            return
        affordable = step + self.budget.left_s / max(spent_s / step, 1e-6)
        needed = min(rounds, 15.0 / self.params["learning_rate"])
        if affordable < needed:
            self.learning_rate = min(0.3, self.learning_rate * needed / affordable)
            self.booster.reset_parameter({"learning_rate": self.learning_rate})

    def _report(self, step: int, rounds: int, valid: float) -> None:
        known = valid if self.has_valid else math.nan
        train = self._loss("train")
        self.curve.append((float(step), train, known))
        self.progress(step / rounds, train, known)

    def _loss(self, which: str) -> float:
        found = self.booster.eval_train() if which == "train" else self.booster.eval_valid()
        return float(found[0][2])


def _model(
    booster: lightgbm.Booster, target: Target, rows: int, features: int, run: _Boosting
) -> FittedModel:
    kept = run.best_round

    def native(x: Floats) -> Doubles:
        raw = np.asarray(
            booster.predict(x.astype(np.float64), num_iteration=kept, raw_score=True), np.float64
        )
        if target.classes == 2:
            return target.decode(two_columns(sigmoid(raw)))
        return target.decode(softmax(raw) if target.classes else raw.reshape(-1, 1))

    def nodes(graph: Graph, x: str) -> str:
        width = target.classes if target.classes > 2 else 1
        raw = add_trees(graph, x, read_trees(booster, kept, width))
        if target.classes == 2:
            raw = two_columns_nodes(graph, graph.node("Sigmoid", raw))
        elif target.classes:
            raw = graph.node("Softmax", raw, axis=1)
        return target.decode_nodes(graph, raw)

    return FittedModel(
        native=native,
        nodes=nodes,
        rows=rows,
        features=features,
        outputs=target.outputs,
        stopped=run.stopped,
        curve=tuple(run.curve),
        notes={"rounds": kept, "learning_rate": run.learning_rate},
    )


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
