"""Large units go where there is room; small ones are cut so that no set stays empty where it need not."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.specs.split import SplitSpec
from engine.splitters.placement import Cut, Stratum, Unit, place

SPEC = SplitSpec(splitter="stratified")
ALL = frozenset({"train", "valid", "test"})


def units(*sizes: int) -> list[Unit]:
    return [Unit(unit=number, stratum=0, rows=rows) for number, rows in enumerate(sizes)]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ((500,), {"train"}),
        ((50, 30), {"train", "test"}),
        ((50, 30, 20), {"train", "test", "valid"}),
        ((4, 4, 4), {"train", "test", "valid"}),
    ],
)
def test_sets_are_filled_in_the_order_of_their_need(sizes: tuple[int, ...], expected: set[str]) -> None:
    placed, _ = place([Stratum(index=0, rows=sum(sizes), units=len(sizes))], units(*sizes), SPEC)
    assert {name for _, name, _ in placed} == expected


def test_many_large_units_meet_the_shares() -> None:
    sizes = [20] * 50
    placed, (cut,) = place([Stratum(index=0, rows=1000, units=50)], units(*sizes), SPEC)
    counts = Counter(name for _, name, _ in placed)
    assert counts == {"train": 32, "test": 10, "valid": 8}
    assert (cut.test_rows, cut.valid_rows, cut.empty) == (0, 0, frozenset())
    assert {fold for _, _, fold in placed} == set(range(5))


def test_the_seed_decides_where_large_units_go() -> None:
    stratum = [Stratum(index=0, rows=1000, units=50)]
    places = {
        tuple(
            name
            for _, name, _ in place(stratum, units(*[20] * 50), SplitSpec(splitter="random", seed=seed))[0]
        )
        for seed in range(5)
    }
    assert len(places) == 5


def test_what_large_units_bring_is_not_asked_of_small_ones() -> None:
    placed, (cut,) = place([Stratum(index=0, rows=1000, units=401)], units(600), SPEC)
    assert placed == [(0, "train", 0)]
    assert (cut.test_rows, cut.valid_rows) == (200, 160)
    assert cut.empty == {"test", "valid"}


@pytest.mark.parametrize(
    ("count", "asked", "expected"),
    [
        (1, (0, 0), (0, 0)),
        (2, (0, 0), (1, 0)),
        (3, (0, 0), (1, 1)),
        (3, (2, 1), (1, 1)),
        (10, (2, 2), (2, 2)),
        (10, (9, 1), (8, 1)),
    ],
)
def test_a_cut_leaves_no_set_empty_that_it_can_fill(
    count: int, asked: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert Cut(stratum=0, test_rows=1, valid_rows=1, empty=ALL).units(count, *asked) == expected
