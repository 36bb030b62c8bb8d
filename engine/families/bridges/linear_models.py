"""scikit-learn's linear models behind the linear family."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge

from engine.families.base import Budget, Floats, Progress, TrainingData
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.sampling import log_loss, squared_loss, training_arrays, validation_arrays
from engine.families.targets import Target, read_target, sigmoid, softmax, two_columns, two_columns_nodes
from engine.transforms.graph import Graph

#: Strengths tried from strong to weak (1 / C of logistic regression; alpha of ridge). Ridge's penalty is on
#: the sum over rows, as logistic regression's is, so one path serves both.
_PATH = (1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03)
_SLICE = 50
#: Rows made float64 at a time: all at once would double the memory.
_CHUNK = 16_384
_MAX_ITERATIONS = 500
#: Weights up to which Newton's method is used: 3 to 5 times faster on 26,000 rows × 117 features, and nearer to the
#: optimum; its matrix of second derivatives grows with their square.
_NEWTON_WEIGHTS = 600
_L1_SHARE = {"l2": 0.0, "l1": 1.0}


@dataclass(frozen=True)
class _Weights:
    """coefficients: (F, K), intercepts: (K,); K is 1 for binary and regression, else classes."""

    coefficients: Doubles
    intercepts: Doubles


def fit_linear(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress, *, max_rows: int
) -> FittedModel:
    """Fit the penalty path and keep the weights that validation rows like best."""
    x, y = training_arrays(data, max_rows)
    target = read_target(y, data.task, data.outputs, standardise=True)
    if target.classes == 1:
        return constant_model(target.decode(np.ones((1, 1)))[0], rows=len(x), features=x.shape[1])
    fitting = _Fitting(params, data, target, budget, max_rows)
    x_valid, y_valid = validation_arrays(data)
    codes, valid_codes = target.encode(y), target.encode(y_valid)
    path = (params["strength"],) if params["strength"] > 0 else _PATH
    best: tuple[float, float, _Weights] | None = None
    curve: list[tuple[float, float, float]] = []
    stopped = "converged"
    for step, strength in enumerate(path):
        weights = fitting.fit(x, codes, strength)
        train_loss = _loss(target, codes, _answer(target, weights, x))
        valid_loss = (
            _loss(target, valid_codes, _answer(target, weights, x_valid)) if len(x_valid) else train_loss
        )
        curve.append((strength, train_loss, valid_loss))
        progress((step + 1) / len(path), train_loss, valid_loss)
        if best is None or valid_loss < best[0]:
            best = (valid_loss, strength, weights)
        elif step >= 2 and valid_loss > best[0] * 1.002:
            break
        if budget.is_spent:
            stopped = "time"
            break
    assert best is not None
    return _model(target, best[2], len(x), stopped, tuple(curve), {"strength": best[1]})


class _Fitting:
    """Warm-started fits along the path."""

    def __init__(
        self, params: Mapping[str, Any], data: TrainingData, target: Target, budget: Budget, max_rows: int
    ) -> None:
        self._target = target
        self._budget = budget
        self._l1_share = _L1_SHARE.get(params["penalty"], params["l1_share"])
        is_small = len(data.train.columns) * max(1, target.classes - 1) <= _NEWTON_WEIGHTS
        self._logistic = LogisticRegression(
            l1_ratio=self._l1_share,
            solver="saga" if self._l1_share > 0 else "newton-cholesky" if is_small else "lbfgs",
            max_iter=_SLICE,
            warm_start=True,
            random_state=data.seed,
        )

    def fit(self, x: Floats, codes: Doubles, strength: float) -> _Weights:
        with warnings.catch_warnings():
            # A slice that ends before convergence is expected: the next one goes on from there.
            warnings.simplefilter("ignore", ConvergenceWarning)
            return (
                self._fit_values(x, codes, strength)
                if not self._target.classes
                else self._fit_classes(x, codes, strength)
            )

    def _fit_classes(self, x: Floats, codes: Doubles, strength: float) -> _Weights:
        model = self._logistic.set_params(C=1.0 / strength)
        for _ in range(_MAX_ITERATIONS // _SLICE):
            model.fit(x, codes)
            if int(np.max(model.n_iter_)) < _SLICE or self._budget.is_spent:
                break
        return _Weights(model.coef_.T.astype(np.float64), model.intercept_.astype(np.float64))

    def _fit_values(self, x: Floats, codes: Doubles, strength: float) -> _Weights:
        if self._l1_share > 0:
            # ElasticNet's objective is a mean over rows: strength / rows makes it the same size as ridge's.
            model = ElasticNet(alpha=strength / len(x), l1_ratio=self._l1_share, max_iter=_MAX_ITERATIONS)
        else:
            model = Ridge(alpha=strength, solver="cholesky")
        model.fit(x, codes)
        return _Weights(
            np.asarray(model.coef_, np.float64).reshape(-1, 1), np.atleast_1d(np.float64(model.intercept_))
        )


def _answer(target: Target, weights: _Weights, x: Floats) -> Doubles:
    values = np.empty((len(x), len(weights.intercepts)))
    for start in range(0, len(x), _CHUNK):
        part = x[start : start + _CHUNK].astype(np.float64)
        values[start : start + _CHUNK] = part @ weights.coefficients + weights.intercepts
    if not target.classes:
        return values
    return two_columns(sigmoid(values[:, 0])) if target.classes == 2 else softmax(values)


def _loss(target: Target, codes: Doubles, answer: Doubles) -> float:
    return log_loss(codes, answer) if target.classes else squared_loss(codes, answer)


def _model(
    target: Target,
    weights: _Weights,
    rows: int,
    stopped: str,
    curve: tuple[tuple[float, float, float], ...],
    notes: dict[str, Any],
) -> FittedModel:
    def native(x: Floats) -> Doubles:
        return target.decode(_answer(target, weights, x))

    def nodes(graph: Graph, x: str) -> str:
        values = graph.node(
            "Gemm",
            x,
            graph.constant(weights.coefficients, np.float32),
            graph.constant(weights.intercepts, np.float32),
        )
        if target.classes == 2:
            values = two_columns_nodes(graph, graph.node("Sigmoid", values))
        elif target.classes:
            values = graph.node("Softmax", values, axis=1)
        return target.decode_nodes(graph, values)

    return FittedModel(
        native=native,
        nodes=nodes,
        rows=rows,
        features=len(weights.coefficients),
        outputs=target.outputs,
        stopped=stopped,
        curve=curve,
        notes=notes,
    )
