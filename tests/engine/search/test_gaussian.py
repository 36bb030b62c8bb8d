from __future__ import annotations

import numpy as np
import pytest

from engine.search.gaussian import expected_improvement, propose_expected
from engine.search.space import Space
from engine.specs.search import SearchSpec
from tests.engine.search.made_search import FIRST, SHAPES

ROOM = Space(SearchSpec(), [FIRST], SHAPES).rooms["first"]


@pytest.mark.slow
def test_a_process_closes_in_on_the_best_point() -> None:
    best = np.array([0.3, 0.7, 0.5, 0.2])
    rng = np.random.default_rng(0)
    places = rng.random((12, 4))
    for _ in range(12):
        losses = np.square(places - best).sum(axis=1)
        places = np.vstack((places, propose_expected(ROOM, (places, losses), rng)))
    losses = np.square(places - best).sum(axis=1)
    assert losses[12:].min() < losses[:12].min() / 3
    assert ((places >= 0) & (places <= 1)).all()


@pytest.mark.slow
def test_equal_losses_and_many_points_are_no_obstacle() -> None:
    rng = np.random.default_rng(0)
    places = rng.random((250, 4))
    assert len(propose_expected(ROOM, (places, np.ones(250)), rng)) == 4


def test_improvement_is_expected_of_low_and_of_unknown_points() -> None:
    gain = expected_improvement(0.0, np.array([-1.0, 1.0, 1.0]), np.array([0.0, 0.0, 2.0]))
    assert gain[0] == pytest.approx(1.0)
    assert gain[1] == 0.0
    assert 0.0 < gain[2] < 1.0
