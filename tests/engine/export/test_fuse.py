"""A fused model is the weighted mean of its members, whatever columns and classes are called."""

from __future__ import annotations

import dataclasses

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, checker

from engine.errors import WorkFailed
from engine.evaluation.temperature import tempered
from engine.export.fuse import Member, free_prefix, fuse
from engine.serving.model import answer
from engine.serving.session import Session
from engine.transforms.compile_onnx import add_inputs, add_view
from engine.transforms.graph import MICROSOFT_DOMAIN, ML_DOMAIN, Graph
from tests.engine.published import (
    AGE,
    CITY,
    FEATURES,
    fuse_small,
    linear_body,
    make_plan,
    make_table,
    make_task,
    view_width,
)

pytestmark = pytest.mark.slow


HOSTILE = (
    "label_",
    "aimass/const_1",
    "prediction",
    "probabilities",
    "a\nb",
    "é",
    "scores",
    "N",
    "x" * 3000,
    "'; --",
)


def view_features(view: str) -> tuple[onnx.ModelProto, int]:
    """The features of one view as a model of their own."""
    table = make_table()
    plan, graph = make_plan(table), Graph()
    inputs = add_inputs(graph, table.schema, [feature.column for feature in plan.views[view]])
    tensor, labels = add_view(graph, inputs, plan, view, table.schema)
    graph.output(tensor, "features_out", TensorProto.FLOAT, ["N", len(labels)])
    return graph.model(), len(labels)


@pytest.mark.slow
@pytest.mark.parametrize("classes", [("a", "b", "c"), ()])
def test_several_members_give_their_weighted_mean(classes: tuple[str, ...]) -> None:
    table, task = make_table(), make_task(classes)
    plan = make_plan(table)
    shares = {"linear": 1.0, "tree": 3.0, "deep": 0.5}
    bodies = {
        view: linear_body(view_width(plan, table.schema, view), task.outputs, seed=number)[0]
        for number, view in enumerate(shares)
    }
    members = [Member(bodies[view], view, weight) for view, weight in shares.items()]
    fused = Session(fuse(members, plan, table.schema, task).SerializeToString())
    expected = np.zeros((200, task.outputs))
    for view, weight in shares.items():
        model, _ = view_features(view)
        session = Session(model.SerializeToString())
        features = answer(session, table.batch, session.inputs()).scores
        body = onnxruntime.InferenceSession(bodies[view].SerializeToString())
        expected += weight / sum(shares.values()) * body.run(None, {"features": features})[0]
    received = answer(fused, table.batch, fused.inputs())
    np.testing.assert_allclose(received.scores, expected, rtol=1e-5, atol=1e-6)
    if classes:
        assert received.labels is not None
        assert list(received.labels) == [classes[index] for index in expected.argmax(axis=1)]


@pytest.mark.parametrize("temperature", [0.4, 1.7])
def test_a_temperature_bends_probabilities_as_python_does(temperature: float) -> None:
    table, task = make_table(), make_task(("a", "b", "c"))
    plan = make_plan(table)
    members = [Member(linear_body(view_width(plan, table.schema, "tree"), 3, seed=1)[0], "tree")]
    before, after = (
        answer(session, table.batch, session.inputs())
        for session in (
            Session(fuse(members, plan, table.schema, task, temperature=one).SerializeToString())
            for one in (None, temperature)
        )
    )
    expected = tempered(before.scores.astype(np.float64), temperature)
    np.testing.assert_allclose(after.scores, expected, atol=2e-6)
    assert before.labels is not None and after.labels is not None
    assert list(before.labels) == list(after.labels)
    assert np.abs(after.scores - before.scores).max() > 0.01


def test_the_label_is_the_class_above_the_threshold_to_the_bit() -> None:
    table, task = make_table(), make_task(("no", "yes"))
    plan = make_plan(table)
    members = [Member(linear_body(view_width(plan, table.schema, "tree"), 2, seed=1)[0], "tree")]
    plain = Session(fuse(members, plan, table.schema, task).SerializeToString())
    before = answer(plain, table.batch, plain.inputs())
    # One of the answers itself: it is not above, whatever float32 does.
    threshold = float(np.sort(before.scores[:, 1])[40])
    made = Session(fuse(members, plan, table.schema, task, threshold).SerializeToString())
    after = answer(made, table.batch, made.inputs())
    np.testing.assert_array_equal(after.scores, before.scores)
    assert after.labels is not None and before.labels is not None
    above = before.scores[:, 1].astype(np.float64) > threshold
    assert list(after.labels) == np.where(above, "yes", "no").tolist()
    assert list(after.labels) != list(before.labels)


def test_two_members_of_one_family_do_not_clash() -> None:
    table, task = make_table(), make_task()
    plan = make_plan(table)
    body, _ = linear_body(view_width(plan, table.schema, "tree"), 2, seed=1)
    one = Session(fuse([Member(body, "tree")], plan, table.schema, task).SerializeToString())
    two = Session(
        fuse([Member(body, "tree"), Member(body, "tree", 5.0)], plan, table.schema, task).SerializeToString()
    )
    first, second = (answer(s, table.batch, s.inputs()).scores for s in (one, two))
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_only_columns_that_are_read_are_inputs() -> None:
    model = fuse_small(make_table(), make_task(), views=("deep",))
    assert [entry.name for entry in model.graph.input] == [AGE]
    model = fuse_small(make_table(), make_task())
    assert [entry.name for entry in model.graph.input] == [AGE, FEATURES, CITY]


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_any_column_name_is_kept_exactly(name: str) -> None:
    table = make_table()
    hostile = dataclasses.replace(
        table, values={name: table.values[AGE], FEATURES: table.values[FEATURES], CITY: table.values[CITY]}
    )
    for classes in (("x", "y"), ()):
        model = fuse_small(hostile, make_task(classes))
        session = Session(model.SerializeToString())
        assert list(session.inputs()) == [name, FEATURES, CITY]
        plain = Session(fuse_small(table, make_task(classes)).SerializeToString())
        expected = answer(plain, table.batch, plain.inputs()).scores
        received = answer(session, hostile.batch, session.inputs()).scores
        np.testing.assert_array_equal(received, expected)
        assert not set(session.outputs) & set(session.inputs())


@pytest.mark.parametrize("classes", [("it's", '"no"'), ("是", "否"), ("a b", ""), ("0", "1"), ("{", "\\")])
def test_any_class_name_is_answered_exactly(classes: tuple[str, str]) -> None:
    table = make_table()
    session = Session(fuse_small(table, make_task(classes)).SerializeToString())
    received = answer(session, table.batch, session.inputs())
    assert received.labels is not None
    assert set(received.labels) == set(classes)
    assert list(received.labels) == [classes[i] for i in received.scores.argmax(axis=1)]


def test_the_first_of_equal_classes_is_the_label() -> None:
    table, task = make_table(), make_task(("a", "b", "c"))
    plan = make_plan(table)
    graph = Graph()
    features = graph.input("features", TensorProto.FLOAT, ["N", view_width(plan, table.schema, "tree")])
    first = graph.node("Slice", features, *(graph.constant([n], np.int64) for n in (0, 1, 1)))
    zero = graph.node(
        "Sub", graph.constant(1.0, np.float32), graph.node("Cast", graph.node("IsNaN", first), to=1)
    )
    none = graph.node("Mul", zero, graph.constant(0.0, np.float32))
    scores = graph.node("Add", none, graph.constant([[0.2, 0.4, 0.4]], np.float32))
    graph.output(scores, "scores", TensorProto.FLOAT, ["N", 3])
    session = Session(fuse([Member(graph.model(), "tree")], plan, table.schema, task).SerializeToString())
    labels = answer(session, table.batch, session.inputs()).labels
    assert labels is not None
    assert set(labels) == {"b"}


def test_the_file_passes_the_full_check_with_stock_operators_only() -> None:
    for classes in (("a", "b"), ()):
        model = fuse_small(make_table(), make_task(classes), views=("linear", "tree", "deep"))
        checker.check_model(model, full_check=True)
        assert {node.domain for node in model.graph.node} <= {"", ML_DOMAIN, MICROSOFT_DOMAIN}
        assert not model.functions


def test_fusing_twice_gives_the_same_bytes() -> None:
    models = [fuse_small(make_table(), make_task()).SerializeToString(deterministic=True) for _ in range(2)]
    assert models[0] == models[1]


@pytest.mark.parametrize("weights", [[], [0.0], [1.0, -1.0], [float("nan")], [float("inf")]])
def test_weights_must_be_positive(weights: list[float]) -> None:
    table = make_table()
    plan = make_plan(table)
    body, _ = linear_body(view_width(plan, table.schema, "tree"), 2, seed=1)
    with pytest.raises(WorkFailed, match="weight"):
        fuse([Member(body, "tree", weight) for weight in weights], plan, table.schema, make_task())


def test_a_prefix_meets_no_name() -> None:
    assert free_prefix(["a"]) == "aimass/"
    assert free_prefix(["aimass/x", "aimass1/"]) == "aimass2/"
