"""Which score decides, and which comparison is meant."""

from __future__ import annotations

from engine.specs.evaluation import Comparison, Evaluation, MetricScore


def test_the_first_score_decides_and_comparisons_are_found_by_name() -> None:
    scores = tuple(
        MetricScore(name=name, title=name, help="", greater_is_better=True, value=0.9)
        for name in ("f1", "mcc")
    )
    linear = Comparison(other="linear", gain=0.1)
    found = Evaluation(task="binary", metric="f1", rows=10, scores=scores, comparisons=(linear,))
    assert found.deciding.name == "f1"
    assert found.against("linear") is linear and found.against("baseline") is None
