"""The size of forests is known before they are grown."""

from __future__ import annotations

import pytest

from engine.families.base import DataShape
from engine.families.tree_params import (
    MAX_BODY_BYTES,
    PROPOSED_BODY_BYTES,
    body_bytes,
    columns_param,
    forest_size,
    propose_forest,
    refuses,
)


def shape(rows: int, outputs: int = 2) -> DataShape:
    return DataShape(rows=rows, features=10, task="binary" if outputs == 2 else "multiclass", outputs=outputs)


def test_more_trees_and_smaller_leaves_are_larger() -> None:
    small = {"trees": 10, "rows_per_leaf": 20, "depth": 0}
    assert body_bytes(shape(10_000), small) < body_bytes(shape(10_000), small | {"trees": 20})
    assert body_bytes(shape(10_000), small) < body_bytes(shape(10_000), small | {"rows_per_leaf": 5})
    assert body_bytes(shape(10_000), small) > body_bytes(shape(10_000), small | {"depth": 3})


@pytest.mark.parametrize("rows", [100, 20_000, 10_000_000])
@pytest.mark.parametrize("outputs", [2, 100])
def test_a_proposed_size_is_never_refused(rows: int, outputs: int) -> None:
    params = {**forest_size(shape(rows, outputs), trees=300), "depth": 0}
    assert body_bytes(shape(rows, outputs), params) <= MAX_BODY_BYTES
    assert refuses(shape(rows, outputs), params) is None


@pytest.mark.parametrize("rows", [300, 3_000, 30_000, 10_000_000])
@pytest.mark.parametrize("outputs", [2, 10])
def test_a_proposed_forest_leaves_room_for_its_copies(rows: int, outputs: int) -> None:
    (proposal,) = propose_forest(shape(rows, outputs), order=1, reason="Trees.", columns="half")
    assert body_bytes(shape(rows, outputs), {"depth": 0, **proposal.params}) <= PROPOSED_BODY_BYTES


def test_a_huge_forest_is_refused_with_its_size() -> None:
    reason = refuses(shape(200_000), {"trees": 2000, "rows_per_leaf": 1, "depth": 0})
    assert reason is not None
    assert "2,000 trees on 200,000 rows" in reason


def test_the_columns_dial_offers_its_default() -> None:
    assert columns_param("third").problem("third") is None
