"""scikit-learn's support vector machines behind the svm family."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
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


def fit_support_vectors(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress
) -> FittedModel:
    """Solve one machine per class against the rest (one in all for two classes and for values)."""
    x, y = data.train.arrays()
    target = read_target(y, data.task, data.outputs, standardise=True)
    if target.classes == 1:
        return constant_model(target.decode(np.ones((1, 1)))[0], rows=len(x), features=x.shape[1])
    gamma = 1.0 / (params["reach"] * x.shape[1] * max(float(x.var()), 1e-9))
    codes = target.encode(y)
    wanted = [codes] if target.classes <= 2 else [codes == code for code in range(target.classes)]
    machines: list[Any] = []
    stopped = "converged"
    for position, answer in enumerate(wanted):
        # Iterations, not seconds, bound the solver: it cannot be asked to stop.
        share = budget.left_s / (len(wanted) - position)
        limit = max(200, int(share * _ITERATIONS_PER_S))
        make = SVC if target.classes else SVR
        machine = make(C=params["cost"], gamma=gamma, cache_size=300, max_iter=limit)
        with warnings.catch_warnings():
            # A solver cut short by the clock is noted in `stopped`.
            warnings.simplefilter("ignore", ConvergenceWarning)
            machines.append(machine.fit(x.astype(np.float64), answer))
        if int(np.max(machine.n_iter_)) >= limit:
            stopped = "time"
        progress((position + 1) / len(wanted), float("nan"), float("nan"))
    kernel, bias = _calibrate(machines, target, data, (x, codes))

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
        stopped=stopped,
        notes={"support_vectors": support},
    )


def _values(machines: list[Any], target: Target, x: Floats) -> Doubles:
    asked = x.astype(np.float64)
    answer = [m.decision_function(asked) if target.classes else m.predict(asked) for m in machines]
    return np.column_stack(answer)


def _calibrate(
    machines: list[Any], target: Target, data: TrainingData, training: tuple[Floats, Doubles]
) -> tuple[Doubles, Doubles]:
    """Return kernel (machines, classes) and bias (classes,) that turn distances into logits.

    Validation rows are used, on which a machine is not overconfident, unless a class is missing there.
    Source: Platt, Probabilistic Outputs for Support Vector Machines, 1999.
    """
    if not target.classes:
        return np.ones((1, 1)), np.zeros(1)
    x, y = validation_arrays(data, 20_000)
    codes = target.encode(y)
    if len(np.unique(codes)) < target.classes:
        x, codes = training
    model = LogisticRegression(C=1.0, max_iter=200).fit(_values(machines, target, x), codes)
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
