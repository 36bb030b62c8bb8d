"""Reasons are right where the right ones are known: additive models, and columns that do not matter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import TensorProto, helper

from engine.export.publish import publish
from engine.serving.explain import MOST_REFERENCES, explain, reference_feeds
from engine.serving.model import ServedModel
from engine.serving.table_rows import json_feeds
from engine.specs.schema import Column, Schema
from engine.specs.training import TaskSpec
from tests.engine.published import AGE, CITY, FEATURES, make_card


def publish_sum(path: Path, weights: dict[str, float], rows: int) -> ServedModel:
    """Publish a model that answers the weighted sum of its columns, a missing one counted as 0."""
    nodes, parts = [], []
    for position, (name, weight) in enumerate(weights.items()):
        made = [f"{kind}{position}" for kind in ("isnan", "there", "part")]
        nodes += [
            helper.make_node("IsNaN", [name], [made[0]]),
            helper.make_node("Where", [made[0], "zero", name], [made[1]]),
            helper.make_node("Mul", [made[1], f"weight{position}"], [made[2]]),
        ]
        parts.append((made[2], helper.make_tensor(f"weight{position}", TensorProto.FLOAT, [], [weight])))
    nodes.append(helper.make_node("Sum", [name for name, _ in parts], ["prediction"]))
    graph = helper.make_graph(
        nodes,
        "sum",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 1]) for name in weights],
        [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["N", 1])],
        [helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0]), *(weight for _, weight in parts)],
    )
    task = TaskSpec(target="y", task="regression", metric="rmse")
    dice = np.random.default_rng(3)
    publish(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10),
        schema=Schema(
            columns=tuple(
                Column(name=name, source_name=name, physical="double", semantic="number")
                for name in [*weights, "y"]
            )
        ),
        task=task,
        card=make_card(task),
        rows=pa.RecordBatch.from_pydict({name: dice.normal(0, 1, rows) for name in weights}),
        version="0.0.test",
        path=path,
    )
    assert onnx.load(path)
    return ServedModel.open(path)


def test_an_additive_model_is_explained_exactly(tmp_path: Path) -> None:
    weights = {"a": 2.0, "b": -5.0, "c": 0.0}
    model = publish_sum(tmp_path / "model.onnx", weights, 40)
    feeds = json_feeds([{"a": 0, "b": 0, "c": 0}, {"a": 1.5, "b": 1.0, "c": 100.0}], model)
    found = explain(model, feeds, model.answer_feeds(feeds), 1)
    means = {name: float(values.mean()) for name, values in reference_feeds(model).items()}
    values = {"a": 1.5, "b": 1.0, "c": 100.0}
    expected = {name: weights[name] * (values[name] - means[name]) for name in weights}
    assert {part.column: part.amount for part in found.contributions} == pytest.approx(expected, abs=1e-4)
    assert sum(part.amount for part in found.contributions) == pytest.approx(
        found.score - found.base, abs=1e-4
    )
    assert [part.column for part in found.contributions] == ["b", "a", "c"]
    assert [part.value for part in found.contributions] == [1.0, 1.5, 100.0]
    assert found.answer is None


def test_a_wide_model_costs_no_more_than_a_narrow_one(tmp_path: Path) -> None:
    weights = {f"c{i}": float(i) for i in range(120)}
    model = publish_sum(tmp_path / "model.onnx", weights, 40)
    sizes: list[int] = []
    answer = model.answer_feeds
    model.answer_feeds = lambda feeds, stop=None: (  # type: ignore[method-assign]
        sizes.append(len(next(iter(feeds.values())))) or answer(feeds, stop)  # type: ignore[func-returns-value]
    )
    feeds = json_feeds([dict.fromkeys(weights, 1.0)], model)
    found = explain(model, feeds, answer(feeds), 0)
    assert len(found.contributions) == 50 and sizes[0] <= 2 * 50 * 32 + 33
    assert {part.column for part in found.contributions} & {f"c{i}" for i in range(10)} == set()


def test_a_class_is_explained_by_its_probability(classifier: Path) -> None:
    model = ServedModel.open(classifier)
    feeds = json_feeds([{AGE: None, FEATURES: 0.1, CITY: "北京"}], model)
    prediction = model.answer_feeds(feeds)
    found = explain(model, feeds, prediction, 0)
    assert prediction.labels is not None and found.answer == prediction.labels[0]
    assert found.score == pytest.approx(prediction.scores[0].max())
    values = {part.column: part.value for part in found.contributions}
    assert values == {AGE: None, FEATURES: 0.1, CITY: "北京"}


def test_references_are_real_rows(classifier: Path) -> None:
    model = ServedModel.open(classifier)
    golden = model.metadata.golden_rows
    feeds = reference_feeds(model)
    count = len(feeds[AGE])
    assert 0 < count <= min(MOST_REFERENCES, golden.rows - 2)
    assert golden.texts[CITY][-1] not in feeds[CITY]
    assert len(reference_feeds(model, most=3)[AGE]) == 3
