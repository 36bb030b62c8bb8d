"""The family declares its dials and proposes what may be published."""

from __future__ import annotations

import time

import pytest

from engine.families.base import Budget, DataShape
from engine.families.extra_trees import FAMILY
from engine.specs.params import complete
from tests.engine.made_rows import made_data


@pytest.mark.parametrize(("rows", "forests"), [(200, 2), (100_000, 1)])
def test_it_proposes_what_can_be_published_and_for_few_rows_larger_leaves_too(
    rows: int, forests: int
) -> None:
    shape = DataShape(rows=rows, features=10, task="binary", outputs=2)
    proposed = [complete(FAMILY.params, one.params, FAMILY.name) for one in FAMILY.proposes(shape)]
    assert len(proposed) == forests
    assert all(FAMILY.refuses(shape, params) is None for params in proposed)
    leaves = [params["rows_per_leaf"] for params in proposed]
    assert leaves == sorted(set(leaves))


def test_it_learns_what_decides() -> None:
    params = complete(FAMILY.params, {}, FAMILY.name)
    params |= {"trees": 20} if "trees" in params else {}
    data = made_data("tree", "binary")
    fitted = FAMILY.build(params, data, Budget(30.0, time.monotonic), lambda *_: None)
    x, y = data.valid.arrays()
    assert (fitted.predict(x).argmax(axis=1) == y).mean() > 0.75
