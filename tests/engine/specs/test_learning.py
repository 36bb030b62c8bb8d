"""The last point is of all rows, and a curve is the same after it was written."""

from __future__ import annotations

from engine.specs.codec import from_json, to_json
from engine.specs.learning import LearningCurve
from tests.engine.made_learning import learning_curve


def test_the_whole_is_the_last_point_and_json_keeps_it() -> None:
    found = learning_curve()
    assert found.whole.rows == max(point.rows for point in found.points)
    assert from_json(LearningCurve, to_json(found)) == found
