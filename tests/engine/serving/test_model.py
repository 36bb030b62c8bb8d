"""An open model tells what it is and answers any number of rows, row by row the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import helper

from engine.errors import BadModel
from engine.evaluation.margins import bounds_of
from engine.serving.model import ServedModel
from engine.serving.wire import graph_sha256
from engine.specs.bundle import KEY_GRAPH_SHA256, KEY_METADATA_SHA256, metadata_sha256
from tests.engine.published import AGE, CITY, CLASSES, FEATURES, MARGINS, TARGET, Table, make_table


def test_it_tells_what_it_is(classifier: Path, regressor: Path) -> None:
    model = ServedModel.open(classifier)
    assert model.inputs == {AGE: "float", FEATURES: "float", CITY: "string"}
    assert (model.task, model.target, model.classes) == ("binary", TARGET, CLASSES)
    assert model.output_names == ("label", "probabilities")
    assert model.card.title == "Test of 城市"
    assert model.schema.column(CITY).source_name == f" {CITY}"
    assert ServedModel.open(regressor).output_names == ("prediction",)
    assert ServedModel.open(regressor).classes == ()


@pytest.mark.parametrize("rows", [0, 1, 200])
def test_a_number_comes_with_its_bounds_where_the_file_has_them(
    regressor: Path, bounded: Path, rows: int
) -> None:
    batch = make_table(rows=max(rows, 1)).batch.slice(0, rows)
    model, plain = ServedModel.open(bounded), ServedModel.open(regressor)
    assert (model.level, model.output_names) == (0.9, ("prediction", "lower", "upper"))
    found, without = model.predict(batch), plain.predict(batch)
    assert (plain.level, without.bounds, found.labels) == (None, None, None)
    np.testing.assert_array_equal(found.scores, without.scores)
    np.testing.assert_array_equal(found.bounds, bounds_of(found.scores, MARGINS))
    assert (found.numbers.shape, without.numbers.shape) == ((rows, 3), (rows, 1))


@pytest.mark.parametrize("rows", [0, 1, 2, 1000])
def test_any_number_of_rows(classifier: Path, regressor: Path, rows: int) -> None:
    batch = make_table(rows=max(rows, 1)).batch.slice(0, rows)
    answer = ServedModel.open(classifier).predict(batch)
    assert answer.labels is not None
    assert answer.labels.shape == (rows,)
    assert answer.scores.shape == (rows, 2)
    assert answer.scores.dtype == np.float32
    assert set(answer.labels) <= set(CLASSES)
    np.testing.assert_allclose(answer.scores.sum(axis=1), 1.0, atol=1e-6)
    predicted = ServedModel.open(regressor).predict(batch)
    assert predicted.labels is None
    assert predicted.scores.shape == (rows, 1)


def test_a_row_is_answered_the_same_alone_among_others_and_by_threads(classifier: Path, table: Table) -> None:
    model = ServedModel.open(classifier)
    together = model.predict(table.batch).scores
    with ThreadPoolExecutor(4) as pool:
        alone = list(pool.map(lambda row: model.predict(table.batch.slice(row, 1)).scores[0], range(50)))
    np.testing.assert_allclose(alone, together[:50], atol=1e-6)


def test_blanks_and_missing_tokens_mean_what_they_mean_in_the_file(classifier: Path) -> None:
    model = ServedModel.open(classifier)
    words = [" 北京 ", "北京", " ?", "", None]
    batch = pa.RecordBatch.from_pydict({AGE: [1.0] * 5, FEATURES: [1.0] * 5, CITY: words})
    scores = model.predict(batch).scores
    np.testing.assert_array_equal(scores[0], scores[1])
    np.testing.assert_array_equal(scores[2], scores[3])
    np.testing.assert_array_equal(scores[3], scores[4])
    assert not np.array_equal(scores[0], scores[2])


@pytest.mark.parametrize("kind", ["classifier", "bounded"])
def test_outputs_that_do_not_fit_the_task_are_refused(kind: str, request: pytest.FixtureRequest) -> None:
    model = onnx.load(request.getfixturevalue(kind))
    del model.graph.output[0]
    entries = {entry.key: entry.value for entry in model.metadata_props}
    entries[KEY_GRAPH_SHA256] = graph_sha256(model.SerializeToString())
    entries[KEY_METADATA_SHA256] = metadata_sha256(entries)
    helper.set_model_props(model, entries)
    with pytest.raises(BadModel, match="outputs do not fit"):
        ServedModel.from_bytes(model.SerializeToString())
