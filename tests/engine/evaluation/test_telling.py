"""A number that gives the answer away is told from one that says nothing."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.telling import tell_alone


def test_a_number_that_tells_the_class_is_found() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 4, 800).astype(float)
    width = 100.0 * (y + 1)
    told = tell_alone((width[:600], y[:600]), (width[600:], y[600:]), classes=4)
    assert told.skill == pytest.approx(1.0)
    assert told.score == pytest.approx(1.0)
    assert told.guessing is not None and told.guessing < 0.4


@pytest.mark.parametrize("classes", [0, 2, 5])
def test_noise_tells_nothing(classes: int) -> None:
    rng = np.random.default_rng(1)
    y = rng.integers(0, max(classes, 2), 4_000).astype(float)
    noise = rng.random(4_000)
    assert tell_alone((noise[:3000], y[:3000]), (noise[3000:], y[3000:]), classes=classes).skill < 0.05


def test_a_number_as_target_is_told_too() -> None:
    rng = np.random.default_rng(2)
    light = rng.random(2_000)
    y = light**2
    told = tell_alone((light[:1500], y[:1500]), (light[1500:], y[1500:]), classes=0)
    assert told.skill > 0.97
    assert told.score is None and told.guessing is None


def test_missing_values_constants_and_no_rows_are_harmless() -> None:
    y = np.array([0.0, 1.0] * 30)
    with_gaps = np.where(np.arange(60) % 3 == 0, np.nan, y)
    assert 0.0 < tell_alone((with_gaps, y), (with_gaps, y), classes=2).skill <= 1.0
    assert tell_alone((np.ones(60), y), (np.ones(60), y), classes=2).skill == 0.0
    assert tell_alone((np.empty(0), np.empty(0)), (y, y), classes=2).skill == 0.0
    assert tell_alone((y, np.zeros(60)), (y, np.zeros(60)), classes=1).skill == 0.0
