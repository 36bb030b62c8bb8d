"""scikit-learn's support vector machines behind the svm family."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC, SVR

from engine.families.base import Budget, Floats, Progress, TrainingData
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.sampling import validation_arrays
from engine.families.targets import Target, read_target, softmax
from engine.transforms.graph import MICROSOFT_DOMAIN, Graph

_ITERATIONS_PER_S = 20_000
#: Parts in which training rows are told from outside, where there are no validation rows to calibrate on.
_FOLDS = 3


def fit_support_vectors(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress
) -> FittedModel:
    """Solve one machine per class against the rest (one in all for two classes and for values).

    Probabilities are calibrated on validation rows; without any, on training rows told from outside.
    """
    x, y = data.train.arrays()
    target = read_target(y, data.task, data.outputs, standardise=True)
    if target.classes == 1:
        return constant_model(target.decode(np.ones((1, 1)))[0], rows=len(x), features=x.shape[1])
    gamma = 1.0 / (params["reach"] * x.shape[1] * max(float(x.var()), 1e-9))
    codes = target.encode(y)
    solving = _Solving(params["cost"], gamma, target, budget, progress)
    told = None if data.valid.rows else _tell_out_of_fold(solving, x, codes)
    machines = solving.solve(x, codes)
    kernel, bias = _calibrate(told or _tell(machines, target, data, (x, codes)), target)

    def native(asked: Floats) -> Doubles:
        values = _values(machines, target, asked)
        return target.decode(softmax(values @ kernel + bias) if target.classes else values)

    def nodes(graph: Graph, features: str) -> str:
        values = _add_machines(graph, features, machines, gamma)
        if target.classes:
            scaled = graph.node(
                "Gemm", values, graph.constant(kernel, np.float32), graph.constant(bias, np.float32)
            )
            values = graph.node("Softmax", scaled, axis=1)
        return target.decode_nodes(graph, values)

    support = sum(len(machine.support_) for machine in machines)
    return FittedModel(
        native=native,
        nodes=nodes,
        rows=len(x),
        features=x.shape[1],
        outputs=target.outputs,
        stopped=solving.stopped,
        notes={"support_vectors": support},
    )


@dataclass
class _Solving:
    """Solves the machines of one family, within the clock.   gamma: of the kernel."""

    cost: float
    gamma: float
    target: Target
    budget: Budget
    progress: Progress
    stopped: str = "converged"

    def solve(self, x: Floats, codes: Doubles, *, waiting: int = 0) -> list[Any]:
        """Return one machine per class, or one in all.   waiting: how many such solutions are still to come."""
        classes = self.target.classes
        wanted = [codes] if classes <= 2 else [codes == code for code in range(classes)]
        machines: list[Any] = []
        for position, answer in enumerate(wanted):
            # Iterations, not seconds, bound the solver: it cannot be asked to stop.
            share = self.budget.left_s / (len(wanted) * (waiting + 1) - position)
            limit = max(200, int(share * _ITERATIONS_PER_S))
            make = SVC if classes else SVR
            machine = make(C=self.cost, gamma=self.gamma, cache_size=300, max_iter=limit)
            with warnings.catch_warnings():
                # A solver cut short by the clock is noted in `stopped`.
                warnings.simplefilter("ignore", ConvergenceWarning)
                machines.append(machine.fit(x.astype(np.float64), answer))
            if int(np.max(machine.n_iter_)) >= limit:
                self.stopped = "time"
            if not waiting:
                self.progress((position + 1) / len(wanted), float("nan"), float("nan"))
        return machines


def _tell_out_of_fold(solving: _Solving, x: Floats, codes: Doubles) -> tuple[Doubles, Doubles] | None:
    """Return the training rows' distances, each told by machines that did not learn from it, and their codes.

    None for values, which need no calibration, and where a class has a single row.
    """
    target = solving.target
    if not target.classes or np.bincount(codes.astype(np.int64)).min() < 2:
        return None
    fold = np.empty(len(x), np.int64)
    fold[np.argsort(codes, kind="stable")] = np.arange(len(x)) % _FOLDS
    distances = np.empty((len(x), 1 if target.classes == 2 else target.classes))
    for part in range(_FOLDS):
        inside = fold == part
        machines = solving.solve(x[~inside], codes[~inside], waiting=_FOLDS - part)
        distances[inside] = _values(machines, target, x[inside])
    return distances, codes


def _tell(
    machines: list[Any], target: Target, data: TrainingData, training: tuple[Floats, Doubles]
) -> tuple[Doubles, Doubles]:
    """Return the distances and codes of validation rows, or of training rows where a class is missing there."""
    x, y = validation_arrays(data, 20_000)
    codes = target.encode(y)
    if len(np.unique(codes)) < target.classes:
        x, codes = training
    return (_values(machines, target, x) if len(x) else np.zeros((0, 1))), codes


def _values(machines: list[Any], target: Target, x: Floats) -> Doubles:
    asked = x.astype(np.float64)
    answer = [m.decision_function(asked) if target.classes else m.predict(asked) for m in machines]
    return np.column_stack(answer)


def _calibrate(told: tuple[Doubles, Doubles], target: Target) -> tuple[Doubles, Doubles]:
    """Return kernel (machines, classes) and bias (classes,) that turn distances into logits.

    told: distances (n, machines) and class codes (n,).
    Source: Platt, Probabilistic Outputs for Support Vector Machines, 1999.
    """
    if not target.classes:
        return np.ones((1, 1)), np.zeros(1)
    model = LogisticRegression(C=1.0, max_iter=200).fit(*told)
    kernel, bias = model.coef_.T.astype(np.float64), model.intercept_.astype(np.float64)
    if target.classes == 2:
        return np.column_stack((np.zeros_like(kernel), kernel)), np.array([0.0, bias[0]])
    return kernel, bias


def _add_machines(graph: Graph, features: str, machines: list[Any], gamma: float) -> str:
    """Add the machines' distances float [N, machines]; support vectors they share are kept once."""
    support = np.unique(np.concatenate([machine.support_ for machine in machines]))
    vectors = np.zeros((len(support), machines[0].support_vectors_.shape[1]))
    weights = np.zeros((len(support), len(machines)))
    for position, machine in enumerate(machines):
        place = np.searchsorted(support, machine.support_)
        vectors[place] = machine.support_vectors_
        weights[place, position] = machine.dual_coef_[0]
    bias = np.array([machine.intercept_[0] for machine in machines])
    double = onnx.TensorProto.DOUBLE
    known = graph.node("Cast", graph.constant(vectors, np.float32), to=double)
    asked = graph.node("Cast", features, to=double)
    squares = graph.node("CDist", asked, known, domain=MICROSOFT_DOMAIN, metric="sqeuclidean")
    near = graph.node("Exp", graph.node("Mul", squares, graph.constant(-gamma, np.float64)))
    values = graph.node(
        "Add",
        graph.node("MatMul", near, graph.constant(weights, np.float64)),
        graph.constant(bias, np.float64),
    )
    return graph.node("Cast", values, to=onnx.TensorProto.FLOAT)
