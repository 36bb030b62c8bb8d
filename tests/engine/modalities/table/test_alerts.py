"""Alerts follow from a profile's figures alone, each at its threshold and not before it."""

from __future__ import annotations

import pytest

from engine.modalities.table.alerts import column_alerts, table_alerts
from engine.specs.profile import ColumnProfile
from engine.specs.schema import Column, NumberText, Semantic


def column(semantic: Semantic = "number", number_text: NumberText | None = None) -> Column:
    physical = "double" if semantic == "number" else "string"
    return Column(name="a", source_name="a", physical=physical, semantic=semantic, number_text=number_text)


def profile(missing: int = 0, distinct: int = 50, **facts: object) -> ColumnProfile:
    return ColumnProfile(name="a", rows=1000, missing=missing, distinct=distinct, **facts)  # type: ignore[arg-type]


def codes(column: Column, profile: ColumnProfile, is_target: bool = False) -> list[str]:
    return [alert.code for alert in column_alerts(column, profile, is_target=is_target)]


@pytest.mark.parametrize(
    ("missing", "distinct", "expected"),
    [
        (1000, 0, ["all_missing"]),
        (0, 1, ["constant"]),
        (501, 1, ["constant", "mostly_missing"]),
        (501, 50, ["mostly_missing"]),
        (500, 50, []),
    ],
)
def test_missing_and_constant_values(missing: int, distinct: int, expected: list[str]) -> None:
    assert codes(column(), profile(missing=missing, distinct=distinct)) == expected


@pytest.mark.parametrize(
    ("counts", "is_target", "expected"),
    [
        ((960, 40), False, ["imbalanced"]),
        ((940, 60), False, []),
        ((940, 60), True, []),
        ((951, 49), True, ["imbalanced"]),
        ((700, 260, 40), True, ["imbalanced"]),
        ((700, 260, 40), False, []),
    ],
)
def test_a_class_is_rare_for_a_target_and_a_value_dominant_elsewhere(
    counts: tuple[int, ...], is_target: bool, expected: list[str]
) -> None:
    top = tuple((f"v{i}", count) for i, count in enumerate(counts))
    found = column_alerts(
        column("category"), profile(distinct=len(counts), top_values=top), is_target=is_target
    )
    assert [alert.code for alert in found] == expected
    if is_target and found:
        assert f"'v{len(counts) - 1}' has {counts[-1]} of 1,000 rows" in found[0].message


def test_a_long_tail_and_many_zeros_are_told() -> None:
    even = {"0.25": 1.0, "0.5": 2.0, "0.75": 3.0, "0.99": 4.0}
    assert codes(column(), profile(mean=2.0, std=1.0, quantiles=even)) == []
    assert codes(column(), profile(mean=2.0, std=1.0, quantiles=even | {"0.99": 23.0})) == ["skewed"]
    assert codes(column(), profile(mean=2.5, std=1.4, quantiles=even)) == ["skewed"]
    assert codes(column(), profile(zeros=951)) == ["mostly_zero"]
    assert codes(column(), profile(zeros=950)) == []


def test_identifiers_numbers_in_text_and_many_categories() -> None:
    assert codes(column("identifier"), profile()) == ["identifier"]
    assert codes(column("category"), profile(distinct=1001)) == ["high_cardinality"]
    found = column_alerts(
        column("category", NumberText(unit="kW", share=0.987)), profile(distinct=9), is_target=False
    )
    assert [alert.message for alert in found] == ["99% of the values hold a number with a unit (kW)."]


def test_a_table_is_told_to_be_small_wide_or_repeated() -> None:
    assert table_alerts(rows=100, duplicates=1, columns=500) == ()
    small, repeated, wide = table_alerts(rows=99, duplicates=2, columns=501)
    assert (small.code, repeated.code, wide.code) == ("few_rows", "duplicate_rows", "many_columns")
    assert "99 rows" in small.message and "2 rows" in repeated.message and "501 columns" in wide.message
