"""The table of answers has names that meet no input, and goes only where it does no harm."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from engine.errors import BadCommand
from engine.serving.answers import AnswerTable, check_out
from engine.serving.model import ServedModel
from tests.engine.published import AGE, CITY, CLASSES, FEATURES, MARGINS, Table, publish_small


def test_columns_of_a_classifier(classifier: Path) -> None:
    model = ServedModel.open(classifier)
    answers = ["row", "label", *(f"probability_{name}" for name in CLASSES)]
    assert AnswerTable(model, keep_columns=False).schema.names == answers
    assert AnswerTable(model, keep_columns=True).schema.names == [AGE, FEATURES, CITY, *answers]


def test_a_batch_counts_rows_from_its_place(regressor: Path, table: Table) -> None:
    model = ServedModel.open(regressor)
    batch = table.batch.slice(0, 3)
    answer = model.predict(batch)
    written = AnswerTable(model, keep_columns=True).batch(70_000, batch, answer)
    assert written.column("row").to_pylist() == [70_000, 70_001, 70_002]
    np.testing.assert_array_equal(written.column("prediction"), answer.scores[:, 0])
    assert written.column(CITY).equals(batch.column(CITY))


def test_answers_step_aside_for_columns_of_their_name(table: Table, tmp_path: Path) -> None:
    named = dataclasses.replace(
        table, values={"row": table.values[AGE], "label": table.values[CITY], "x": table.values[FEATURES]}
    )
    path = publish_small(tmp_path / "model.onnx", table=named).path
    model = ServedModel.open(path)
    assert model.output_names == ("output_label", "probabilities")
    assert AnswerTable(model, keep_columns=True).schema.names[:5] == [
        "row",
        "label",
        "x",
        "output_row",
        "output_label",
    ]


def test_bounds_step_aside_as_predictions_do(table: Table, tmp_path: Path) -> None:
    names = ("prediction", "upper", "x")
    named = dataclasses.replace(table, values=dict(zip(names, table.values.values(), strict=True)))
    path = publish_small(tmp_path / "model.onnx", table=named, classes=(), margins=MARGINS).path
    model = ServedModel.open(path)
    assert model.output_names == ("output_prediction", "lower", "output_upper")
    expected = ["row", "output_prediction", "lower", "output_upper"]
    assert AnswerTable(model, keep_columns=True).schema.names == [*names, *expected]


@pytest.mark.parametrize("name", ["answers", "answers.txt", "answers.parquet.gz", "none/answers.csv"])
def test_a_place_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadCommand):
        check_out(tmp_path / name, tmp_path / "data.csv")


def test_the_data_are_never_overwritten(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("a\n1\n", encoding="utf-8")
    with pytest.raises(BadCommand, match="would replace the data"):
        check_out(tmp_path / "." / "data.csv", data)
    check_out(tmp_path / "other.CSV", data)
    check_out(None, data)
