from __future__ import annotations

import pytest

from engine.families.trained_networks import LARGEST, NETWORKS, SMALLEST, STAGES, times


@pytest.mark.parametrize("side", [28, 32, 48, 64, 96, 128, 224, 512])
def test_usual_pictures_become_as_large_as_these_networks_want(side: int) -> None:
    assert SMALLEST <= side * times(side) <= LARGEST
    assert times(side, 5) == 5


def test_every_network_has_all_its_stages() -> None:
    assert len({one.name for one in NETWORKS}) == len(NETWORKS)
    assert {len(set(one.later)) for one in NETWORKS} == {STAGES - 1}
