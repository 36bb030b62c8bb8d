"""Answers as CSV text are those that batch prediction writes."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from engine.serving.answers import AnswerTable
from engine.serving.answers_csv import answer_names, answers_csv
from engine.serving.model import ServedModel
from tests.engine.published import Table


def test_a_prediction_has_its_bounds_beside_it(regressor: Path, bounded: Path) -> None:
    assert answer_names(ServedModel.open(regressor)) == ["prediction"]
    assert answer_names(ServedModel.open(bounded)) == ["prediction", "lower", "upper"]


def test_they_are_the_table_of_batch_prediction(
    classifier: Path, regressor: Path, bounded: Path, table: Table
) -> None:
    for path in (classifier, regressor, bounded):
        model = ServedModel.open(path)
        answers = model.predict(table.batch)
        rows = AnswerTable(model, keep_columns=False)
        expected = pa.Table.from_batches([rows.batch(0, table.batch, answers)])
        content = answers_csv(model, answers)
        types = pyarrow.csv.ConvertOptions(column_types=rows.schema)
        assert pyarrow.csv.read_csv(io.BytesIO(content), convert_options=types).equals(expected)
        assert content.startswith(b'"row","')
