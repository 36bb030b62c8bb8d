"""Golden pictures differ in class and score, are small, come with a grey one, and prove the file they stand in."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import helper

from engine.errors import BadModel
from engine.export.golden import make_golden_rows
from engine.export.golden_pictures import MOST_PICTURES, MOST_SIDE
from engine.modalities.image import decode
from engine.serving.session import Session
from engine.serving.verify import verify
from engine.specs.bundle import (
    KEY_GOLDEN_ROWS,
    KEY_METADATA_SHA256,
    GoldenRows,
    metadata_sha256,
)
from engine.specs.codec import from_json, to_json
from tests.engine.published_pictures import COLOURS, batch, colour_graph, encoded, picture, publish_pictures


def golden(rows: pa.RecordBatch, outputs: int = 3) -> GoldenRows:
    return make_golden_rows(Session(colour_graph(outputs).SerializeToString()), rows)


def decoded(rows: GoldenRows) -> list[np.ndarray]:
    return [decode(base64.b64decode(text)) for text in rows.images["image"]]


def test_they_differ_are_few_and_end_with_a_grey_one() -> None:
    rows = golden(batch(200))
    assert rows.rows == MOST_PICTURES + 1 == len(rows.images["image"])
    assert set(rows.labels[:-1]) == set(COLOURS)
    assert len(set(rows.images["image"])) == rows.rows
    assert len({pixels.shape for pixels in decoded(rows)}) > 1
    assert np.unique(decoded(rows)[-1]).size == 1
    assert (rows.numbers, rows.texts) == ({}, {})


def test_small_pictures_keep_every_pixel_and_large_ones_become_small() -> None:
    small, large = picture((20, 30), 0, 1), picture((300, 500), 1, 2)
    rows = golden(pa.RecordBatch.from_pydict({"image": [encoded(small), encoded(large)]}))
    found = {pixels.shape: pixels for pixels in decoded(rows)}
    np.testing.assert_array_equal(found[(20, 30, 3)], small)
    assert max(side for shape in found for side in shape[:2]) == MOST_SIDE
    assert rows.labels[:2] in (("red 红", "green"), ("green", "red 红"))


def test_a_model_of_numbers_has_them_too() -> None:
    rows = golden(batch(40), outputs=1)
    assert rows.labels == ()
    assert rows.tolerance == pytest.approx(5e-4 * max(abs(score) for (score,) in rows.scores))


def test_json_keeps_them_and_files_from_before_are_still_read() -> None:
    rows = golden(batch(20))
    written = json.loads(json.dumps(to_json(rows), allow_nan=False))
    assert from_json(GoldenRows, written) == rows
    assert rows.inputs == {"image"}
    del written["images"]
    assert from_json(GoldenRows, written).images == {}


def test_a_published_file_is_small_and_proves_itself(tmp_path: Path) -> None:
    facts = publish_pictures(tmp_path / "model.onnx")
    assert facts.inputs == {"image": "image"}
    assert facts.size_bytes < 300_000
    proof = verify(facts.path)
    assert proof.rows == facts.golden_rows == MOST_PICTURES + 1
    assert proof.max_difference == 0.0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda images: [*images[1:], images[0]], "Golden row 1 differs"),
        (lambda images: ["no base64!", *images[1:]], "no base64"),
        (lambda images: images[1:], "unequal length"),
        (lambda images: [base64.b64encode(b"GIF89a").decode(), *images[1:]], "cannot prove itself"),
    ],
)
def test_other_pictures_than_those_published_are_seen(tmp_path: Path, change: object, named: str) -> None:
    path = publish_pictures(tmp_path / "model.onnx").path
    model = onnx.load(path)
    entries = {entry.key: entry.value for entry in model.metadata_props}
    rows = json.loads(entries[KEY_GOLDEN_ROWS])
    rows["images"]["image"] = change(rows["images"]["image"])  # type: ignore[operator]
    entries[KEY_GOLDEN_ROWS] = json.dumps(rows)
    entries[KEY_METADATA_SHA256] = metadata_sha256(entries)
    helper.set_model_props(model, entries)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(BadModel, match=named):
        verify(path)
