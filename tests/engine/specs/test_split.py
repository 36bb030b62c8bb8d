"""How rows were divided, as JSON and back."""

from __future__ import annotations

import json

import pytest

from engine.errors import InvalidSpec
from engine.specs.codec import from_json, to_json
from engine.specs.split import SETS, Leak, SplitSpec, SplitSummary

SUMMARY = SplitSummary(
    rows={"train": 6, "valid": 2, "test": 2},
    classes={"train": {"是": 3, "no": 3}, "valid": {"no": 2}, "test": {"no": 2}},
    unlabelled=1,
    first={"train": "2020-01-01"},
)


def test_a_division_is_read_back_as_it_was_written() -> None:
    assert from_json(SplitSummary, json.loads(json.dumps(to_json(SUMMARY)))) == SUMMARY
    spec = SplitSpec(splitter="grouped", column="家", seed=7)
    assert from_json(SplitSpec, json.loads(json.dumps(to_json(spec)))) == spec


def test_the_sets_are_named_in_the_order_they_are_used() -> None:
    assert SETS == ("train", "valid", "test")


def test_the_default_shares_leave_most_rows_for_training() -> None:
    spec = SplitSpec(splitter="random")
    assert 1 - spec.valid_share - spec.test_share == pytest.approx(0.64)


def test_a_leak_of_an_unknown_kind_is_refused() -> None:
    leak = to_json(Leak(column="c", kind="copy", score=1.0, message="It is the answer."))
    assert from_json(Leak, leak).kind == "copy"
    with pytest.raises(InvalidSpec, match=r"Leak\.kind"):
        from_json(Leak, {**leak, "kind": "guess"})
