from __future__ import annotations

import numpy as np
import pytest

from engine.search.evolution import generation_size, propose_evolved


@pytest.mark.slow
@pytest.mark.parametrize("dials", [1, 2, 6])
def test_steps_find_the_bottom_of_a_tilted_valley(dials: int) -> None:
    bottom = np.linspace(0.2, 0.8, dials)
    rng = np.random.default_rng(3)
    places, losses = np.empty((0, dials)), np.empty(0)
    for _ in range(60 * generation_size(dials)):
        place = np.asarray(propose_evolved((places, losses), rng))
        away = place - bottom
        places = np.vstack((places, place))
        losses = np.append(losses, away @ away + 20 * (away[0] - away[-1]) ** 2)
    assert ((places >= 0) & (places <= 1)).all()
    assert losses.min() < 1e-3
    chance = np.random.default_rng(4).random(places.shape) - bottom
    assert losses.min() < (np.square(chance).sum(axis=1) + 20 * (chance[:, 0] - chance[:, -1]) ** 2).min()


def test_equal_losses_are_no_obstacle() -> None:
    places = np.full((40, 3), 0.5)
    proposed = propose_evolved((places, np.ones(40)), np.random.default_rng(0))
    assert np.isfinite(proposed).all()
