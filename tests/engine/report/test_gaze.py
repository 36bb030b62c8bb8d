"""Maps are warm where a model looks, weigh alike in the mean, and tell the border from the middle."""

from __future__ import annotations

import numpy as np
import pytest

from engine.families.base import Budget
from engine.report.gaze import BORDER, CELLS, Looked, look, mean_gaze
from engine.report.picture_rows import Asker
from engine.serving.session import Session
from engine.specs.picture_findings import ShownPicture
from tests.engine.published_pictures import COLOURS, colour_graph


def spot(row: int, col: int) -> np.ndarray:
    """Return a grey picture with a green square."""
    pixels = np.full((64, 64, 3), 90, np.uint8)
    pixels[row : row + 12, col : col + 12] = (20, 230, 20)
    return pixels


def test_a_map_is_warm_where_the_colour_is() -> None:
    asker, shares = Asker(Session(colour_graph().SerializeToString()), "image"), []
    looked = look(asker, [(7, spot(4, 44), 1), (9, spot(44, 4), 1)], Budget(60.0, lambda: 0.0), shares.append)
    assert list(looked) == [7, 9] and shares == [0.0, 0.5]
    assert looked[7].heat.shape == (CELLS, CELLS)
    warmest = np.unravel_index(looked[7].heat.argmax(), (CELLS, CELLS))
    assert warmest[0] <= 2 and warmest[1] >= 5


def test_no_time_no_map() -> None:
    asker = Asker(Session(colour_graph().SerializeToString()), "image")
    assert look(asker, [(7, spot(4, 44), 1)], Budget(0.0, lambda: 0.0), lambda share: None) == {}


def test_the_mean_tells_the_border_from_the_middle() -> None:
    middle, border = np.zeros((CELLS, CELLS)), np.zeros((CELLS, CELLS))
    middle[3:5, 3:5], border[0, :] = 100.0, 0.01
    looked = {1: Looked(heat=middle, column=0), 2: Looked(heat=border, column=0)}
    example = ShownPicture(row=1, path="1.png", truth="a", answered="a", score=0.9)
    gaze = mean_gaze(looked, {"a": [1, 2], "b": [3]}, {1: example})
    assert gaze is not None and gaze.pictures == 2
    assert gaze.border_share == pytest.approx(0.5)
    assert gaze.border_area == pytest.approx(1 - (1 - 2 * BORDER / CELLS) ** 2)
    (one,) = gaze.classes
    assert (one.label, one.pictures, one.example) == ("a", 2, example)
    assert sum(map(sum, one.heat)) == pytest.approx(1.0, abs=0.01)


def test_maps_of_other_proportions_are_stretched() -> None:
    heat = np.zeros((3, CELLS))
    heat[2, 0] = 1.0
    gaze = mean_gaze({1: Looked(heat=heat, column=0)}, {"a": [1]}, {})
    assert gaze is not None
    cells = np.array(gaze.classes[0].heat)
    assert cells.shape == (CELLS, CELLS)
    assert cells[-1, 0] > 0.0 and cells[0].sum() == 0.0


def test_falls_count_for_classes_and_both_ways_for_numbers() -> None:
    looked = {1: Looked(heat=np.full((2, 2), -0.5), column=0)}
    assert mean_gaze(looked, {COLOURS[0]: [1]}, {}) is None
    assert mean_gaze(looked, {"": [1]}, {}) is not None
