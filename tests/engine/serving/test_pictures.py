"""Pictures of many sizes are answered in order, alike whoever is beside them, in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from engine.errors import BadData
from engine.serving import pictures
from engine.serving.batches import batch_of
from engine.serving.model import ServedModel
from engine.serving.session import Array, Session, Stop, Stopped
from tests.engine.published_pictures import COLOURS, batch, colour_graph, encoded, picture


class Watched(Session):
    """A session that remembers how large its runs were."""

    def __init__(self) -> None:
        super().__init__(colour_graph().SerializeToString())
        self.shapes: list[tuple[int, ...]] = []

    def run(
        self, feeds: Mapping[str, Array], outputs: Sequence[str] | None = None, stop: Stop | None = None
    ) -> list[Array]:
        self.shapes.append(feeds["image"].shape)
        return super().run(feeds, outputs, stop)


def files(contents: Sequence[bytes]) -> dict[str, Array]:
    column = np.empty((len(contents), 1), dtype=object)
    column[:, 0] = contents
    return {"image": column}


def test_answers_come_in_the_rows_order_and_equal_those_of_each_picture_alone(picture_model: Path) -> None:
    model, rows = ServedModel.open(picture_model), batch(70, seed=4)
    together = model.predict(rows)
    assert together.labels is not None
    assert together.labels.tolist() == rows.column("label").to_pylist()
    alone = np.concatenate([model.predict(rows.slice(i, 1)).scores for i in range(rows.num_rows)])
    np.testing.assert_allclose(together.scores, alone, atol=1e-6)


def test_pictures_of_one_size_run_together_and_no_more_than_a_run_may_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = Watched()
    contents = [encoded(picture((6, 5) if i % 2 else (5, 6), i % 3, i)) for i in range(100)]
    pictures.run_pictures(session, files(contents), "image")
    assert sorted(session.shapes) == sorted([(32, 6, 5, 3), (18, 6, 5, 3), (32, 5, 6, 3), (18, 5, 6, 3)])
    session.shapes.clear()
    monkeypatch.setattr(pictures, "MOST_PIXEL_BYTES", 4 * 6 * 5 * 3)
    scores = pictures.run_pictures(session, files(contents), "image")[1]
    assert max(shape[0] for shape in session.shapes) <= 5
    assert sum(shape[0] for shape in session.shapes) == len(scores) == 100
    assert scores.argmax(axis=1).tolist() == [i % 3 for i in range(100)]


def test_a_thousand_sizes_never_wait_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXEL_BYTES", 20_000)
    decoded, most = 0, 0
    session = Watched()
    contents = [encoded(picture((10 + i % 40, 10 + i // 40), i % 3, i)) for i in range(200)]
    for rows, pixels in pictures._decoded(files(contents)["image"], None, 0, None):
        decoded += len(rows)
        most = max(most, pixels.nbytes)
    assert decoded == 200
    assert most <= 20_000
    scores = pictures.run_pictures(session, files(contents), "image")[1]
    assert scores.argmax(axis=1).tolist() == [i % 3 for i in range(200)]


def test_pixels_of_one_size_need_no_file(picture_model: Path) -> None:
    model = ServedModel.open(picture_model)
    pixels = np.stack([picture((9, 14), i % 3, i) for i in range(40)])
    expected = model.predict(batch_of({"image": [encoded(one) for one in pixels]}, model.inputs))
    found = model.answer_feeds({"image": pixels})
    assert found.labels is not None
    assert found.labels.tolist() == [COLOURS[i % 3] for i in range(40)]
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-6)


def test_a_missing_and_a_broken_picture_name_their_row(picture_model: Path) -> None:
    model = ServedModel.open(picture_model)
    good = encoded(picture((8, 8), 0))
    with pytest.raises(BadData, match="Row 1,003 has no picture"):
        model.predict(batch_of({"image": [good, good, None]}, model.inputs), first_row=1000)
    for content in (good[:50], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x00" * 100):
        with pytest.raises(BadData, match="The picture of row 2 cannot be read"):
            model.predict(batch_of({"image": [good, content]}, model.inputs))


def test_no_rows_have_no_answers(picture_model: Path) -> None:
    found = ServedModel.open(picture_model).predict(batch(3).slice(0, 0))
    assert found.scores.shape == (0, 3)
    assert found.labels is not None
    assert len(found.labels) == 0


def test_a_stop_ends_the_decoding_too(picture_model: Path) -> None:
    stop = Stop()
    stop.ask()
    model = ServedModel.open(picture_model)
    with pytest.raises(Stopped):
        model.answer_feeds(files([encoded(picture((8, 8), 0))]), stop)


def test_a_jpeg_is_answered_as_its_png(picture_model: Path) -> None:
    model = ServedModel.open(picture_model)
    pixels = picture((40, 60), 1)
    rows = pa.RecordBatch.from_pydict({"image": [encoded(pixels), encoded(pixels, "JPEG")]})
    found = model.predict(rows)
    assert found.labels is not None
    assert found.labels.tolist() == ["green", "green"]
    np.testing.assert_allclose(found.scores[0], found.scores[1], atol=0.05)
