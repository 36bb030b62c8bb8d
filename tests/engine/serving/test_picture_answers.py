"""What cannot be read has a problem and no answer; everything else has its own answer, wherever it stands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from engine.serving.model import ServedModel
from engine.serving.picture_answers import PictureTable, answer_readable
from engine.serving.picture_source import PATH, PROBLEM
from tests.engine.published_pictures import COLOURS, encoded, picture, publish_pictures

GOOD = [encoded(picture((8 + i % 3, 9), i % 3, i)) for i in range(6)]


def rows_of(files: list[bytes | None], problems: list[str | None] | None = None) -> pa.RecordBatch:
    count = len(files)
    return pa.RecordBatch.from_pydict(
        {
            "image": pa.array(files, pa.binary()),
            PATH: [f"{i}.png" for i in range(count)],
            PROBLEM: pa.array(problems or [None] * count, pa.string()),
        }
    )


def test_answers_stand_beside_their_pictures(picture_model: Path) -> None:
    model = ServedModel.open(picture_model)
    files = [None, GOOD[2], b"no picture", GOOD[0], GOOD[1][:30], GOOD[1]]
    rows = rows_of(files, ["It was locked.", None, None, None, None, None])
    found = answer_readable(model, rows)
    assert found.rows.tolist() == [1, 3, 5]
    assert found.prediction.labels is not None
    assert found.prediction.labels.tolist() == [COLOURS[2], COLOURS[0], COLOURS[1]]
    written = PictureTable(model).batch(100, rows, found).to_pydict()
    assert list(written) == ["path", "row", "label", *(f"probability_{c}" for c in COLOURS), "problem"]
    assert written["row"] == list(range(100, 106))
    assert written["label"] == [None, COLOURS[2], None, COLOURS[0], None, COLOURS[1]]
    assert [share is None for share in written["probability_green"]] == [True, False] * 3
    assert written["problem"][0] == "It was locked."
    assert "not a picture" in written["problem"][2] and "row" not in written["problem"][2]
    assert "broken" in written["problem"][4]
    assert written["problem"][1::2] == [None] * 3


@pytest.mark.parametrize("classes", [COLOURS, ()])
def test_a_batch_of_nothing_but_broken_ones_is_written_too(tmp_path: Path, classes: tuple[str, ...]) -> None:
    model = ServedModel.open(publish_pictures(tmp_path / "model.onnx", classes=classes).path)
    rows = rows_of([b"x", None], [None, "Gone."])
    found = answer_readable(model, rows)
    assert len(found.rows) == 0
    written = PictureTable(model).batch(0, rows, found)
    assert written.num_rows == 2
    assert all(written.column("problem").to_pylist())
    assert not any(written.column(2).to_pylist())


def test_a_number_is_written_as_a_prediction(tmp_path: Path) -> None:
    model = ServedModel.open(publish_pictures(tmp_path / "model.onnx", classes=()).path)
    rows = rows_of([GOOD[0], b"x"])
    written = PictureTable(model).batch(0, rows, answer_readable(model, rows)).to_pydict()
    assert list(written) == ["path", "row", "prediction", "problem"]
    assert np.isfinite(written["prediction"][0]) and written["prediction"][1] is None
