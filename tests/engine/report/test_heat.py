"""A map becomes a small picture: clear where nothing falls, warm where the answer does."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from engine.report.heat import heat_address, heat_png


def cover(heat: tuple[tuple[float, ...], ...]) -> np.ndarray:
    """Return how much each cell covers, 0 … 255."""
    image = Image.open(io.BytesIO(heat_png(heat)))
    assert (image.format, image.mode) == ("PNG", "RGBA")
    return np.asarray(image)[..., 3]


def test_warm_cells_cover_and_others_are_clear() -> None:
    covered = cover(((0.0, 0.1, 0.2), (-0.5, 0.0, 0.05)))
    assert covered.shape == (2, 3)
    assert covered[0, 0] == covered[1, 0] == 0
    assert covered[0, 2] == covered.max() < 255
    assert abs(int(covered[0, 1]) * 2 - int(covered[0, 2])) <= 1


def test_where_nothing_falls_nothing_is_warm() -> None:
    assert cover(((-1.0, 0.0),)).max() == 0


def test_the_address_holds_the_picture() -> None:
    heat = ((0.0, 1.0),)
    kind, _, content = heat_address(heat).partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(content) == heat_png(heat)
    assert heat_address(()) == ""
