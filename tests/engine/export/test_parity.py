"""The gate lets the same model through, measures the difference, and names the row when it is another one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import TensorProto, numpy_helper

from engine.errors import ParityFailed
from engine.export.parity import PROBABILITY_TOLERANCE, allowed_difference, check_parity
from engine.serving.model import answer
from engine.serving.session import Session
from engine.transforms.graph import Graph
from tests.engine.published import AGE, CITY, MARGINS, fuse_small, make_table, make_task
from tests.engine.published_pictures import batch as pictures
from tests.engine.published_pictures import colour_graph

TABLE = make_table(rows=250)


def batches(size: int = 100) -> Iterator[pa.RecordBatch]:
    yield from (TABLE.batch.slice(start, size) for start in range(0, TABLE.batch.num_rows, size))


def model_and_scores(classes: tuple[str, ...]) -> tuple[onnx.ModelProto, np.ndarray]:
    model = fuse_small(TABLE, make_task(classes))
    session = Session(model.SerializeToString())
    return model, answer(session, TABLE.batch, session.inputs()).scores.astype(np.float64)


@pytest.mark.parametrize("classes", [("a", "b"), ()])
def test_the_same_model_passes(classes: tuple[str, ...], tmp_path: Path) -> None:
    task = make_task(classes)
    model, scores = model_and_scores(classes)
    scores[7, 0] += 1e-6
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    for source in (path, path.read_bytes()):
        parity = check_parity(source, batches(), scores, task=task.task)
        assert parity.rows == 250
        assert parity.label_mismatches == 0
        assert parity.max_difference == pytest.approx(1e-6, rel=1e-3)
        assert parity.mean_difference == pytest.approx(1e-6 / scores.size, rel=1e-3)


@pytest.mark.parametrize("classes", [("a", "b"), ()])
def test_an_altered_body_fails(classes: tuple[str, ...]) -> None:
    model, scores = model_and_scores(classes)
    weights = max((t for t in model.graph.initializer if "member" in t.name), key=lambda t: len(t.raw_data))
    array = numpy_helper.to_array(weights).copy()
    array[0, 0] += 0.01
    weights.CopyFrom(numpy_helper.from_array(array, weights.name))
    with pytest.raises(ParityFailed, match=r"row \d+ differently.*Expected \[.*Received \[") as failure:
        check_parity(model.SerializeToString(), batches(), scores, task=make_task(classes).task)
    assert AGE in failure.value.message
    assert CITY in failure.value.message


def test_bounds_must_be_those_of_the_margins() -> None:
    plain, scores = model_and_scores(())
    bounded = fuse_small(TABLE, make_task(()), margins=MARGINS).SerializeToString()
    assert check_parity(bounded, batches(), scores, task="regression", margins=MARGINS).rows == 250
    wider = dataclasses.replace(MARGINS, above=(*MARGINS.above[:2], MARGINS.above[2] + 0.1))
    with pytest.raises(ParityFailed, match=r"row \d+ with other bounds"):
        check_parity(bounded, batches(), scores, task="regression", margins=wider)
    for content, margins in ((bounded, None), (plain.SerializeToString(), MARGINS)):
        with pytest.raises(ParityFailed, match="nobody asked for them"):
            check_parity(content, batches(), scores, task="regression", margins=margins)


def test_the_worst_row_is_named() -> None:
    model, scores = model_and_scores(("a", "b"))
    scores[123] += [0.5, -0.5]
    scores[120] += [0.1, -0.1]
    with pytest.raises(ParityFailed, match="row 124 "):
        check_parity(model.SerializeToString(), batches(), scores, task="binary")


def test_a_number_that_is_none_fails() -> None:
    model, scores = model_and_scores(())
    scores[5] = np.nan
    with pytest.raises(ParityFailed, match="row 6 "):
        check_parity(model.SerializeToString(), batches(), scores, task="binary")


@pytest.mark.parametrize("rows", [0, 249, 251])
def test_rows_must_be_the_same_rows(rows: int) -> None:
    model, scores = model_and_scores(("a", "b"))
    with pytest.raises(ParityFailed, match="not asked the same rows"):
        check_parity(model.SerializeToString(), batches(), np.resize(scores, (rows, 2)), task="binary")


def test_near_ties_may_swap_and_are_counted() -> None:
    graph = Graph()
    rows = graph.node("Shape", graph.input(AGE, TensorProto.FLOAT, ["N", 1]), end=1)
    shape = graph.node("Concat", rows, graph.constant([2], np.int64), axis=0)
    scores = graph.node("Expand", graph.constant([[0.50002, 0.49998]], np.float32), shape)
    graph.output(scores, "probabilities", TensorProto.FLOAT, ["N", 2])
    swapped = np.repeat([[0.49998, 0.50002]], 250, axis=0)
    parity = check_parity(graph.model().SerializeToString(), batches(), swapped, task="binary")
    assert parity.label_mismatches == 250
    assert parity.max_difference == pytest.approx(4e-5, rel=1e-2)


def test_tolerance_follows_the_targets_scale() -> None:
    values = np.random.default_rng(0).normal(0, 1, (1000, 1))
    assert allowed_difference(1000 * values, "regression") == pytest.approx(
        1000 * allowed_difference(values, "regression")
    )
    far = allowed_difference(values + 1e6, "regression")
    assert far > 1e6 * np.finfo(np.float32).eps
    assert allowed_difference(values, "multiclass") == PROBABILITY_TOLERANCE
    assert allowed_difference(np.zeros((0, 1)), "regression") == 0.0


def test_a_picture_that_differs_is_named_by_its_row_and_path_and_never_shown() -> None:
    rows, model = pictures(50), colour_graph()
    session = Session(model.SerializeToString())
    scores = answer(session, rows, session.inputs()).scores.astype(np.float64)
    parts = (rows.slice(0, 30), rows.slice(30))
    assert check_parity(model.SerializeToString(), iter(parts), scores, task="multiclass").rows == 50
    scores[41] = scores[41][::-1] + 0.1
    with pytest.raises(ParityFailed, match="row 42 ") as failure:
        check_parity(model.SerializeToString(), iter(parts), scores, task="multiclass")
    assert rows.column("path")[41].as_py() in failure.value.message
    assert "image=a picture of " in failure.value.message
    assert "PNG" not in failure.value.message
