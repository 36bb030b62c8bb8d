"""Which rows test: a quarter, of each class, the same for ever."""

from __future__ import annotations

from collections import Counter

from scripts.bench.quality.split import digest, positions_of_test


def drawn(labels: list[str] | None, rows: int, **options: int) -> list[int]:
    return positions_of_test(labels, rows, **options)


def test_a_quarter_of_each_class_is_drawn() -> None:
    labels = ["a"] * 400 + ["b"] * 40 + ["c"] * 2 + ["d"]
    found = Counter(labels[position] for position in drawn(labels, len(labels)))
    assert found == {"a": 100, "b": 10, "c": 1}


def test_a_quarter_of_all_rows_is_drawn_without_classes() -> None:
    found = drawn(None, 1000)
    assert len(set(found)) == 250
    assert found == sorted(found)
    assert min(found) >= 0
    assert max(found) < 1000
    assert 400 < sum(found) / len(found) < 600


def test_the_choice_is_fixed_for_ever() -> None:
    # Peers' results are kept under the digest of their test rows: a change here would throw them all away.
    assert digest(drawn(None, 500)) == "e4c478bef070"
    assert digest(drawn(["x", "y"] * 250, 500)) == "0dd5121c0753"
    assert drawn(None, 100, seed=1) != drawn(None, 100, seed=2)


def test_other_rows_have_another_digest() -> None:
    assert digest([1, 2]) != digest([1, 3])
    assert digest([1, 23]) != digest([12, 3])
