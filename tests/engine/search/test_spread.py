"""Points of the sequence fill the space evenly and come by their number alone."""

from __future__ import annotations

import numpy as np

from engine.search.spread import propose_spread


def test_each_half_of_each_dial_gets_half_of_the_points() -> None:
    places = np.array([propose_spread(3, number, seed=1) for number in range(16)])
    assert ((places >= 0) & (places <= 1)).all()
    assert ((places < 0.5).sum(axis=0) == 8).all()


def test_a_number_and_a_seed_name_a_point() -> None:
    assert propose_spread(2, 5, seed=3) == propose_spread(2, 5, seed=3)
    assert propose_spread(2, 5, seed=3) != propose_spread(2, 5, seed=4)
    assert propose_spread(2, 5, seed=3) != propose_spread(2, 6, seed=3)
