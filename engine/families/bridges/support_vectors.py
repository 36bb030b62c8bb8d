"""scikit-learn's support vector machines behind the svm family."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC, SVR

from engine.families.base import FINDING_S, Budget, Floats, Progress, TrainingData
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.sampling import log_loss, squared_loss, validation_arrays
from engine.families.targets import Target, read_target, softmax
from engine.transforms.graph import MICROSOFT_DOMAIN, Graph

_ITERATIONS_PER_S = 20_000
#: What is tried where a person left it open, from the usual ones on to their neighbours.
_COSTS, _REACHES = (0.1, 1.0, 10.0, 100.0, 1000.0), (0.1, 0.3, 1.0, 3.0, 10.0)
_LEAST_SPREAD = 1e-9
_CALIBRATION_STEPS = 500
#: Share of the time that finding both may take.
_FINDING_SHARE = 0.5
#: Parts in which training rows are told from outside, where there are no validation rows to calibrate on.
_FOLDS = 3


def fit_support_vectors(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress
) -> FittedModel:
    """Solve one machine per class against the rest (one in all for two classes and for values).

    Probabilities are calibrated on validation rows; without any, on training rows told from outside. A cost or a reach
    of 0 is found on validation rows too.
    """
    x, y = data.train.arrays()
    target = read_target(y, data.task, data.outputs, standardise=True)
    if target.classes == 1:
        return constant_model(target.decode(np.ones((1, 1)))[0], rows=len(x), features=x.shape[1])
    spread = x.shape[1] * max(float(x.var()), 1e-9)
    codes = target.encode(y)

    def solving_with(cost: float, reach: float) -> _Solving:
        return _Solving(cost, 1.0 / (reach * spread), target, budget, progress)

    usual = params["cost"] or _usual_cost(len(x)), params["reach"] or 1.0
    cost, reach = usual
    left_s = budget.left_s
    if data.valid.rows and 0.0 in (params["cost"], params["reach"]):
        finding = budget.part(_FINDING_SHARE)

        def loss(cost: float, reach: float) -> float:
            machines = solving_with(cost, reach).solve(x, codes, waiting=1)
            return _loss(_tell(machines, target, data, (x, codes)), target)

        cost, reach = _find(params, usual, loss, finding)
    found_s = left_s - budget.left_s
    solving = solving_with(cost, reach)
    told = None if data.valid.rows else _tell_out_of_fold(solving, x, codes)
    machines = solving.solve(x, codes)
    kernel, bias = _calibrate(told or _tell(machines, target, data, (x, codes)), target)

    def native(asked: Floats) -> Doubles:
        values = _values(machines, target, asked)
        return target.decode(softmax(values @ kernel + bias) if target.classes else values)

    def nodes(graph: Graph, features: str) -> str:
        values = _add_machines(graph, features, machines, solving.gamma)
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
        notes={"support_vectors": support, "cost": cost, "reach": reach, FINDING_S: round(found_s, 3)},
    )


def _usual_cost(rows: int) -> float:
    return 10.0 if rows > 2_000 else 1.0


def _find(
    params: Mapping[str, Any],
    usual: tuple[float, float],
    loss: Callable[[float, float], float],
    budget: Budget,
) -> tuple[float, float]:
    """Return the cost and the reach with the least loss among those that there was time to try.

    From the usual ones on, along the costs and then along the reaches, as long as the next one is better.
    Source: a coarse grid in powers, Hsu, Chang and Lin, A Practical Guide to Support Vector Classification, 2003.
    """
    best, least, longest = usual, loss(*usual), 0.0
    for place, (name, grid) in enumerate((("cost", _COSTS), ("reach", _REACHES))):
        if params[name]:
            continue
        start = grid.index(best[place])
        for path in (grid[start + 1 :], grid[:start][::-1]):
            is_better = False
            for value in path:
                before = budget.left_s
                if before <= 2.0 * longest:
                    return best
                tried = (value, best[1]) if place == 0 else (best[0], value)
                value_loss = loss(*tried)
                longest = max(longest, before - budget.left_s)
                if not value_loss < least:
                    break
                best, least, is_better = tried, value_loss, True
            if is_better:
                break  # The other way lies what was left behind.
    return best


def _loss(told: tuple[Doubles, Doubles], target: Target) -> float:
    """Return the loss of calibrated answers.   told: distances (n, machines) and codes (n,)."""
    values, codes = told
    if not target.classes:
        return squared_loss(codes, values)
    kernel, bias = _calibrate(told, target)
    return log_loss(codes, softmax(values @ kernel + bias))


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
    distances, codes = told
    # Of one size whatever the cost, which else would decide how hard the calibration is held down.
    size = np.maximum(distances.std(axis=0), _LEAST_SPREAD)
    model = LogisticRegression(C=1.0, max_iter=_CALIBRATION_STEPS)
    with warnings.catch_warnings():
        # Nearly calibrated is calibrated.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(distances / size, codes)
    kernel, bias = (model.coef_ / size).T.astype(np.float64), model.intercept_.astype(np.float64)
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
