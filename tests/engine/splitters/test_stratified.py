"""Rows by lot within each class: only the large classes are cut by buckets."""

from __future__ import annotations

from engine.specs.split import SplitSpec
from engine.specs.training import TaskSpec
from engine.splitters.base import BUCKETS, Facts
from engine.splitters.stratified import SPLITTER

SPEC = SplitSpec(splitter="stratified")


def test_only_large_classes_share_buckets() -> None:
    assert "CASE" not in SPLITTER.unit(SPEC, Facts(rows=30, strata=(10, 20)))
    mixed = SPLITTER.unit(SPEC, Facts(rows=BUCKETS * 3, strata=(10, BUCKETS * 2)))
    assert "WHEN 1 THEN" in mixed and "WHEN 0 THEN" not in mixed


def test_the_stratum_is_the_class_or_the_range_of_the_target() -> None:
    classes = TaskSpec(target="y", task="binary", metric="roc_auc", classes=("a", "b"))
    amount = TaskSpec(target="y", task="regression", metric="rmse")
    assert SPLITTER.stratum(classes, Facts(rows=9)) == "_label"
    assert (
        SPLITTER.stratum(amount, Facts(rows=9, edges=(1.0, 2.5)))
        == "(_y > 1.0)::INTEGER + (_y > 2.5)::INTEGER"
    )
    assert SPLITTER.stratum(amount, Facts(rows=9)) == "0"
