"""One graph for several views: shared steps once, and answers that equal SQL on real chains."""

from __future__ import annotations

import duckdb
import numpy as np
import onnx
import onnxruntime as ort
import pytest

from engine.errors import InvalidSpec
from engine.specs.features import ColumnChoice, Feature, FeaturePlan, Step
from engine.specs.schema import Column, Schema
from engine.transforms.base import TrainingRows
from engine.transforms.compile_onnx import add_inputs, add_view
from engine.transforms.compile_sql import view_cardinalities, view_columns
from engine.transforms.fitting import fit_plan
from engine.transforms.graph import Graph

SCHEMA = Schema(
    columns=(
        Column(name="the age", source_name="the age", physical="double", semantic="number"),
        Column(
            name="city",
            source_name="city",
            physical="string",
            semantic="category",
            trim=True,
            missing_tokens=("?",),
        ),
    )
)


def _plan() -> FeaturePlan:
    def feature(name: str, column: str, *steps: str) -> Feature:
        return Feature(name=name, column=column, steps=tuple(Step(transform=step) for step in steps))

    scaled = feature("age", "the age", "impute", "log", "clip", "standardise")
    index = feature("city", "city", "index")
    value = feature("x", "the age", "whole_as_text", "index")
    return FeaturePlan(
        columns=tuple(ColumnChoice(column=name, use=True, reason="test") for name in SCHEMA.names),
        views={
            "tree": (feature("age", "the age"), index, feature("m", "city", "target_encode")),
            "linear": (scaled, feature("city", "city", "one_hot"), value),
            "deep": (scaled, index),
            "empty": (),
        },
    )


@pytest.fixture
def rows() -> TrainingRows:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE train AS SELECT i::BIGINT AS _row, (i % 5)::TINYINT AS _fold, i % 2 AS _y,"
        ' CASE WHEN i % 3 > 0 THEN i * i % 50 END::DOUBLE AS "the age",'
        " CASE WHEN i % 7 > 0 THEN 'city' || i % 60 END AS city FROM range(2000) AS t(i)"
    )
    return TrainingRows(connection, folds=5, classes=2, seed=0)


def test_views_on_one_graph_answer_as_sql_does(rows: TrainingRows) -> None:
    plan = fit_plan(_plan(), SCHEMA, rows, ["tree", "linear", "deep"])
    graph = Graph()
    inputs = add_inputs(graph, SCHEMA, ["the age", "city"])
    for view in ("tree", "linear", "deep"):
        features, labels = add_view(graph, inputs, plan, view, SCHEMA)
        graph.output(features, view, onnx.TensorProto.FLOAT, ["N", len(labels)])
    session = ort.InferenceSession(graph.model().SerializeToString(), providers=["CPUExecutionProvider"])
    raw = rows.connection.execute(
        "SELECT * REPLACE (coalesce(' ' || city, '?') AS city) FROM train ORDER BY _row"
    ).fetchnumpy()
    age = np.ma.filled(raw["the age"], np.nan).astype(np.float32)[:, None]
    answers = session.run(
        ["tree", "linear", "deep"], {"the age": age, "city": raw["city"].astype(object)[:, None]}
    )
    for view, answer in zip(("tree", "linear", "deep"), answers, strict=True):
        columns = view_columns(plan, view, SCHEMA, fold=None)
        listed = ", ".join(f"{expression} AS c{i}" for i, (_, expression) in enumerate(columns))
        found = rows.connection.execute(f"SELECT {listed} FROM train ORDER BY _row").fetchnumpy()
        expected = np.stack([np.ma.filled(found[f"c{i}"], np.nan) for i in range(len(columns))], axis=1)
        np.testing.assert_array_equal(answer, expected)


def test_what_two_views_share_is_built_once(rows: TrainingRows) -> None:
    plan = fit_plan(_plan(), SCHEMA, rows, ["linear", "deep"])
    graph = Graph()
    inputs = add_inputs(graph, SCHEMA, ["the age", "city"])
    add_view(graph, inputs, plan, "linear", SCHEMA)
    operators = [node.op_type for node in graph.nodes]
    add_view(graph, inputs, plan, "deep", SCHEMA)
    added = [node.op_type for node in graph.nodes[len(operators) :]]
    assert "Log" in operators
    assert "Tokenizer" in operators
    assert not {"Log", "Tokenizer", "Div"} & set(added)


def test_index_columns_tell_their_cardinality_by_position(rows: TrainingRows) -> None:
    plan = fit_plan(_plan(), SCHEMA, rows, ["tree", "linear"])
    assert view_cardinalities(plan, "tree", SCHEMA) == {1: 62}
    width = len(view_columns(plan, "linear", SCHEMA, fold=None))
    assert list(view_cardinalities(plan, "linear", SCHEMA)) == [width - 1]


def test_an_unfitted_plan_and_an_empty_view_are_refused() -> None:
    for view, words in (("tree", "has no state"), ("empty", "has no features")):
        graph = Graph()
        with pytest.raises(InvalidSpec, match=words):
            add_view(graph, add_inputs(graph, SCHEMA, ["the age", "city"]), _plan(), view, SCHEMA)
