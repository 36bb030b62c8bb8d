"""Whole groups by lot, and every class trained on."""

from __future__ import annotations

from typing import Any


def test_a_rare_class_in_three_groups_is_in_every_set(make_case: Any) -> None:
    groups = [f"g{n // 4}" for n in range(400)]
    labels = ["rare" if n // 4 in (7, 50, 93) and n % 4 == 0 else "usual" for n in range(400)]
    case = make_case({"g": groups, "x": list(range(400)), "y": labels})
    for seed in range(5):
        summary = case.divide("grouped", column="g", seed=seed)
        assert [summary.classes[name]["rare"] for name in ("train", "valid", "test")] == [1, 1, 1]
        assert abs(summary.rows["test"] - 80) <= 8
