"""The choice of sets keeps to what the comparison says of itself."""

from __future__ import annotations

from collections import Counter

from scripts.bench.quality.sets import LONG_SETS, SETS


def test_all_eight_of_tabular_come_first_and_twelve_of_pmlb_follow() -> None:
    assert [one.file.split("/")[0] for one in SETS] == ["tabular"] * LONG_SETS + ["pmlb"] * 12
    assert len({one.name for one in SETS}) == 20


def test_the_questions_are_spread() -> None:
    assert Counter(one.task for one in SETS) == {"binary": 7, "multiclass": 7, "regression": 6}
    assert all(one.why for one in SETS)
    assert {one.metric for one in SETS if one.greater_is_better} == {"roc_auc"}
