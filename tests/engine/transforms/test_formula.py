"""Every operation does the same in SQL, in the graph and by numpy."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import numpy as np
import onnx
import pytest

from engine.transforms.formula import OnnxWriter, SqlWriter, Term
from engine.transforms.graph import Graph
from engine.transforms.sql import number
from tests.engine.transforms.fitted import run

VALUES = np.array([-7.5, -1.0, -0.0, 0.0, 0.1, 1.0, 2.5, 1e10, np.nan])


def _both(formula: Callable[[Term], Term]) -> tuple[np.ndarray, np.ndarray]:
    graph = Graph()
    given = graph.input("x", onnx.TensorProto.DOUBLE, ["N", 1])
    graph.output(formula(Term(OnnxWriter(graph), given)).code, "out", onnx.TensorProto.DOUBLE, ["N", 1])
    by_graph = run(graph, {"x": VALUES[:, None]})[:, 0]
    listed = ", ".join(
        f"({i}, {'NULL' if np.isnan(value) else number(value)})" for i, value in enumerate(VALUES)
    )
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT {formula(Term(SqlWriter(), 'x')).code} FROM (VALUES {listed}) AS t(i, x) ORDER BY i"
        ).fetchall()
    return np.array([np.nan if value is None else value for (value,) in found]), by_graph


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (lambda x: x + 0.2, lambda x: x + 0.2),
        (lambda x: x - 0.1, lambda x: x - 0.1),
        (lambda x: x * 3.0, lambda x: x * 3.0),
        (lambda x: x / 3.0, lambda x: x / 3.0),
        (lambda x: x + x * x, lambda x: x + x * x),
        (lambda x: x.absolute(), np.abs),
        (lambda x: x.sign(), np.sign),
        (lambda x: x.floor(), np.floor),
        (lambda x: (x.absolute() + 1.0).logarithm(), lambda x: np.log(np.abs(x) + 1.0)),
        (lambda x: x.clamp(-1.0, 1.0), lambda x: np.clip(x, -1.0, 1.0)),
        (lambda x: (x > 0.1).where(1.0, x), lambda x: np.where(x > 0.1, 1.0, x)),
        (lambda x: (x < 0.1).where(x, 9.0), lambda x: np.where(x < 0.1, x, 9.0)),
        (lambda x: x.equals(0.0).where(5.0, 6.0), lambda x: np.where(x == 0.0, 5.0, 6.0)),
        (lambda x: x.is_missing().where(-1.0, x), lambda x: np.where(np.isnan(x), -1.0, x)),
    ],
)
def test_an_operation_is_that_of_numpy(
    formula: Callable[[Term], Term], expected: Callable[[np.ndarray], np.ndarray]
) -> None:
    by_sql, by_graph = _both(formula)
    np.testing.assert_allclose(by_sql, expected(VALUES), rtol=1e-15)
    np.testing.assert_allclose(by_graph, expected(VALUES), rtol=1e-15)


@pytest.mark.parametrize(
    "condition",
    [lambda x: x > -1e300, lambda x: x < 1e300, lambda x: x.equals(x)],
    ids=["greater", "less", "equal"],
)
def test_no_comparison_holds_for_a_missing_number(condition: Callable[[Term], Term]) -> None:
    by_sql, by_graph = _both(lambda x: condition(x).where(1.0, 0.0))
    assert by_sql.tolist() == by_graph.tolist() == [1.0] * 8 + [0.0]
