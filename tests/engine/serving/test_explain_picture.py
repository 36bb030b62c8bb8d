"""The map is warm where the answer comes from, cold where nothing is, and small for pictures of any size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import BadData
from engine.serving.batches import batch_of
from engine.serving.explain import Explanation
from engine.serving.explain_picture import MOST_CELLS, explain_picture
from engine.serving.model import ServedModel
from engine.serving.session import Stop, Stopped, feeds_of
from tests.engine.published_pictures import COLOURS, encoded, publish_pictures


def explained(model: ServedModel, *pixels: np.ndarray, row: int = 0, stop: Stop | None = None) -> Explanation:
    feeds = feeds_of(batch_of({"image": [encoded(one) for one in pixels]}, model.inputs), model.inputs)
    return explain_picture(model, feeds, model.answer_feeds(feeds), row, stop)


def spotted(height: int, width: int, rows: slice, cols: slice) -> np.ndarray:
    """Return a grey picture with one green place."""
    pixels = np.full((height, width, 3), 90, np.uint8)
    pixels[rows, cols] = (20, 230, 20)
    return pixels


def test_the_map_is_warm_where_the_answer_comes_from(picture_model: Path) -> None:
    model = ServedModel.open(picture_model)
    plain = np.full((60, 60, 3), 90, np.uint8)
    found = explained(model, plain, spotted(60, 120, slice(40, 55), slice(90, 110)), row=1)
    assert found.answer == COLOURS[1]
    assert found.contributions == ()
    heat = np.array(found.heat)
    assert heat.shape == (6, 12)
    warmest = np.unravel_index(heat.argmax(), heat.shape)
    assert warmest[0] in (4, 5)
    assert warmest[1] in (9, 10)
    assert heat.max() > 0.05
    assert np.abs(heat[:2, :6]).max() < heat.max() / 5
    assert found.score > found.base


@pytest.mark.parametrize(
    ("size", "cells"), [((1, 1), (1, 1)), ((3, 300), (1, 12)), ((8, 8), (8, 8)), ((900, 700), (12, 9))]
)
def test_the_map_is_small_for_every_size(
    picture_model: Path, size: tuple[int, int], cells: tuple[int, int]
) -> None:
    heat = explained(ServedModel.open(picture_model), spotted(*size, slice(0, 2), slice(0, 2))).heat
    assert (len(heat), len(heat[0])) == cells
    assert max(cells) <= MOST_CELLS
    assert np.isfinite(heat).all()


def test_a_number_is_explained_too(tmp_path: Path) -> None:
    model = ServedModel.open(publish_pictures(tmp_path / "model.onnx", classes=()).path)
    pixels = np.full((40, 40, 3), 20, np.uint8)
    pixels[:10, :10] = (250, 20, 20)
    found = explained(model, pixels)
    assert found.answer is None
    heat = np.array(found.heat)
    assert max(np.unravel_index(heat.argmax(), heat.shape)) <= 3


def test_a_stop_ends_it_and_a_broken_picture_is_named(picture_model: Path) -> None:
    model = ServedModel.open(picture_model)
    pixels = spotted(20, 20, slice(0, 5), slice(0, 5))
    stop = Stop()
    stop.ask()
    with pytest.raises(Stopped):
        explained(model, pixels, stop=stop)
    feeds = feeds_of(batch_of({"image": [encoded(pixels), b"no"]}, model.inputs), model.inputs)
    prediction = model.predict(batch_of({"image": [encoded(pixels)] * 2}, model.inputs))
    with pytest.raises(BadData, match="row 2"):
        explain_picture(model, feeds, prediction, 1)
