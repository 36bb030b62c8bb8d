"""The last point is of all rows, and a curve is the same after it was written."""

from __future__ import annotations

from engine.specs.codec import from_json, to_json
from engine.specs.learning import LearningCurve
from tests.engine.made_learning import learning_curve


def test_a_gain_is_little_beside_what_the_model_gains_over_guessing() -> None:
    found = learning_curve(gain=0.002, low=-0.001, high=0.006)
    assert found.changes_little(0.4) and not found.changes_little(0.2)


def test_the_whole_is_the_last_point_and_json_keeps_it() -> None:
    found = learning_curve()
    assert found.whole.rows == max(point.rows for point in found.points)
    assert from_json(LearningCurve, to_json(found)) == found
