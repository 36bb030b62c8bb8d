"""The family declares its dials and proposes what may be published."""

from __future__ import annotations

import time

import pytest

from engine.families.base import Budget, DataShape
from engine.families.decision_tree import FAMILY
from engine.specs.params import complete
from tests.engine.made_rows import made_data


@pytest.mark.parametrize("rows", [200, 100_000])
def test_it_proposes_one_of_a_size_that_can_be_published(rows: int) -> None:
    shape = DataShape(rows=rows, features=10, task="binary", outputs=2)
    (proposal,) = FAMILY.proposes(shape)
    params = complete(FAMILY.params, proposal.params, FAMILY.name)
    assert FAMILY.refuses(shape, params) is None


def test_it_learns_what_decides() -> None:
    params = complete(FAMILY.params, {}, FAMILY.name)
    params |= {"trees": 20} if "trees" in params else {}
    data = made_data("tree", "binary")
    fitted = FAMILY.build(params, data, Budget(30.0, time.monotonic), lambda *_: None)
    x, y = data.valid.arrays()
    assert (fitted.predict(x).argmax(axis=1) == y).mean() > 0.75
