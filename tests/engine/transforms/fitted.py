"""Fit a chain of transforms on a short list of values, and answer others by both compilers at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import onnx
import onnxruntime as ort
import pyarrow as pa

from engine.specs.features import Step
from engine.specs.params import complete
from engine.specs.schema import Column
from engine.transforms import transform
from engine.transforms.base import State, TrainingRows, Transform
from engine.transforms.canonical import add_number, add_text, sql_form
from engine.transforms.graph import Graph

Value = float | str | None
Fit = tuple[Transform, Mapping[str, Any], State]


@dataclass(frozen=True)
class Fitted:
    """A fitted chain over one clean column; `labels`, `state` and `cardinality` are those of its last step."""

    column: Column
    chain: tuple[Fit, ...]

    @property
    def state(self) -> Mapping[str, Any]:
        return self.chain[-1][2]

    @property
    def labels(self) -> tuple[str, ...]:
        owner, params, state = self.chain[-1]
        return owner.labels(params, state)

    @property
    def cardinality(self) -> int | None:
        owner, params, state = self.chain[-1]
        return owner.cardinality(params, state)

    def rows(self, values: Sequence[Value]) -> list[tuple[Value, ...]]:
        """Return what SQL and the graph both answer, a tuple per value; None is missing."""
        by_sql, by_graph = self._by_sql(values), self._by_graph(values)
        assert len(by_sql) == len(by_graph) == len(values)
        for value, one, other in zip(values, by_sql, by_graph, strict=True):
            for a, b in zip(one, other, strict=True):
                # Logarithms may differ by one ulp, see `Term.logarithm`.
                assert a == b or (isinstance(a, float) and math.isclose(a, b, rel_tol=1e-15)), (value, a, b)
        return by_sql

    def answers(self, values: Sequence[Value]) -> list[Value]:
        """Return the one output column of `rows`."""
        return [value for (value,) in self.rows(values)]

    def _by_sql(self, values: Sequence[Value]) -> list[tuple[Value, ...]]:
        found: tuple[str, ...] = (sql_form(self.column),)
        for owner, params, state in self.chain:
            found = owner.sql(found[0], params, state, fold=None)
        with duckdb.connect() as connection:
            connection.register("given", _table(values, self.column))
            answers = connection.execute(f"SELECT _row, {', '.join(found)} FROM given ORDER BY _row")
            return [row[1:] for row in answers.fetchall()]

    def _by_graph(self, values: Sequence[Value]) -> list[tuple[Value, ...]]:
        graph, is_number = Graph(), self.column.input_type == "float"
        kind = onnx.TensorProto.FLOAT if is_number else onnx.TensorProto.STRING
        raw = graph.input("c", kind, ["N", 1])
        value = add_number(graph, raw) if is_number else add_text(graph, raw, self.column)
        for owner, params, state in self.chain:
            value = owner.onnx(graph, value, params, state)
        gives_text = self.chain[-1][0].gives == "text"
        graph.output(
            value, "out", onnx.TensorProto.STRING if gives_text else onnx.TensorProto.DOUBLE, ["N", None]
        )
        missing = math.nan if is_number else ""
        given = np.array([missing if v is None else v for v in values], np.float32 if is_number else object)
        answer = run(graph, {"c": given[:, None]})
        return [tuple(None if v in ("",) or v != v else v for v in row) for row in answer.tolist()]


def fit(
    values: Sequence[Value],
    *steps: str | Step,
    y: Sequence[float] | None = None,
    classes: int = 0,
    **params: Any,
) -> Fitted:
    """Fit `steps` on clean values; `params` are those of the last step, `y` the targets (default: all 0)."""
    is_number = not any(isinstance(value, str) for value in values)
    column = Column(
        name="c",
        source_name="c",
        physical="double" if is_number else "string",
        semantic="number" if is_number else "category",
    )
    rows = training_rows(_table(values, column), [0.0] * len(values) if y is None else y, classes=classes)
    value = sql_form(column)
    chain: list[Fit] = []
    for position, step in enumerate(steps):
        made = step if isinstance(step, Step) else Step(transform=step)
        owner = transform(made.transform)
        given = {**made.params, **(params if position == len(steps) - 1 else {})}
        whole = complete(owner.params, given, owner.name)
        state = owner.fit(rows, value, whole)
        chain.append((owner, whole, state))
        value = owner.sql(value, whole, state, fold=None)[0]
    return Fitted(column, tuple(chain))


def training_rows(table: pa.Table, y: Sequence[float], *, classes: int, folds: int = 5) -> TrainingRows:
    """Return `table` (with its `_row`) as training rows."""
    connection = duckdb.connect()
    fold = pa.array([i % folds for i in range(table.num_rows)], pa.int8())
    target = pa.array(y, pa.int32() if classes else pa.float64())
    connection.register("given", table.append_column("_fold", fold).append_column("_y", target))
    connection.execute("CREATE TABLE train AS SELECT * FROM given")
    return TrainingRows(connection, folds=folds, classes=classes, seed=0)


def run(graph: Graph, feeds: Mapping[str, Any]) -> Any:
    """Return the first output of a graph."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(
        graph.model().SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, dict(feeds))[0]


def _table(values: Sequence[Value], column: Column) -> pa.Table:
    kind = pa.float64() if column.input_type == "float" else pa.string()
    return pa.table({"_row": pa.array(range(len(values)), pa.int64()), "c": pa.array(values, kind)})
