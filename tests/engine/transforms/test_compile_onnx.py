"""One graph for several views: shared steps once, and answers that equal SQL on real chains."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import duckdb
import numpy as np
import onnx
import onnxruntime as ort
import pytest

from engine.errors import InvalidSpec
from engine.files import read_json
from engine.modalities.table.importing import DATA, import_table
from engine.modalities.table.limits import ImportLimits
from engine.serving.stored_rows import stream_rows
from engine.specs.codec import from_json
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


@pytest.mark.slow
def test_raw_cells_of_a_real_file_answer_as_cleaned_ones(shared_data: Path, tmp_path: Path) -> None:
    """Names and values of adult.csv begin with a blank, and missing values are a blank."""
    source, count = shared_data / "tabular" / "adult.csv", 5_000
    import_table(source, tmp_path, limits=ImportLimits(), progress=lambda share: None)
    schema = from_json(Schema, read_json(tmp_path / "schema.json"))
    texts = [column for column in schema.columns if column.input_type == "string"]
    assert len(texts) == 9
    assert all(column.trim and column.source_name.startswith(" ") for column in texts)
    steps = (Step(transform="one_hot", params={"top": 50, "least": 1}),)
    plan = FeaturePlan(
        columns=tuple(ColumnChoice(column=name, use=True, reason="test") for name in schema.names),
        views={
            "linear": tuple(
                Feature(name=c.name, column=c.name, steps=steps if c in texts else ()) for c in schema.columns
            )
        },
    )
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE train AS SELECT *, file_row_number AS _row, 0::TINYINT AS _fold, 0 AS _y"
        f" FROM read_parquet('{tmp_path / DATA}', file_row_number = true)"
    )
    plan = fit_plan(plan, schema, TrainingRows(connection, folds=5, classes=2, seed=0), ["linear"])
    graph = Graph()
    features, labels = add_view(graph, add_inputs(graph, schema, schema.names), plan, "linear", schema)
    graph.output(features, "features", onnx.TensorProto.FLOAT, ["N", len(labels)])
    session = ort.InferenceSession(graph.model().SerializeToString(), providers=["CPUExecutionProvider"])

    with source.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        names = [name.strip() for name in next(reader)]
        cells = dict(zip(names, zip(*itertools.islice(reader, count), strict=True), strict=True))
    assert " State-gov" in cells["workclass"]
    assert " " in cells["workclass"]
    kinds = {c.name: object if c in texts else np.float32 for c in schema.columns}
    raw = {name: np.array(cells[name], kinds[name])[:, None] for name in schema.names}
    (batch,) = stream_rows(
        connection, tmp_path / DATA, schema, f"SELECT range AS _row FROM range({count})", batch_rows=count
    )
    clean = {name: np.array(batch.column(name).to_pylist(), kinds[name])[:, None] for name in schema.names}
    (from_raw,), (from_clean,) = session.run(None, raw), session.run(None, clean)
    np.testing.assert_array_equal(from_raw, from_clean)
    shares = dict(zip(labels, from_raw.mean(axis=0), strict=True))
    assert shares["workclass=State-gov"] == pytest.approx(cells["workclass"].count(" State-gov") / count)
    assert shares["workclass=(missing)"] == pytest.approx(cells["workclass"].count(" ") / count)
