"""The summary counts the written rows."""

from __future__ import annotations

from typing import Any


def test_units_are_groups_per_set(make_case: Any) -> None:
    case = make_case(
        {"g": [f"g{n // 5}" for n in range(200)], "x": list(range(200)), "y": [0.5 * n for n in range(200)]}
    )
    summary = case.divide("grouped", column="g")
    assert sum(summary.units.values()) == 40
    assert {name: rows / 5 for name, rows in summary.rows.items()} == summary.units
    assert summary.classes == {}
    assert (summary.first, summary.last, summary.untimed) == ({}, {}, 0)


def test_times_are_written_for_a_person(make_case: Any) -> None:
    days = [f"2020-{n // 28 + 1:02d}-{n % 28 + 1:02d}" for n in range(280)]
    case = make_case({"day": days, "y": ["a", "b"] * 140}, {"day": "datetime"})
    summary = case.divide("time", column="day")
    assert summary.first == {"train": "2020-01-01", "valid": "2020-07-12", "test": "2020-09-01"}
    assert summary.last == {"train": "2020-07-11", "valid": "2020-08-28", "test": "2020-10-28"}


def test_duplicates_are_counted_in_labelled_rows(make_case: Any) -> None:
    case = make_case({"x": [1, 1, 1, 1, *range(10, 50)], "y": ["a", "a", "a", None, *["a", "b"] * 20]})
    summary = case.divide()
    assert (summary.duplicate_rows, summary.straddled, summary.unlabelled) == (2, 0, 1)
