"""The best model is chosen by the metric's own direction, or a blend that beats it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.specs.training import Candidate, ModelRecord, TaskSpec
from engine.training.select import select
from tests.engine.training.test_blend import TASK, crossed, keep, noisy


def record(name: str, score: float) -> ModelRecord:
    return ModelRecord(
        candidate=Candidate(id=name, family="linear"),
        score=score,
        train_score=None,
        metrics={},
        seconds=1.0,
        rows=10,
        features=1,
    )


@pytest.mark.parametrize(("name", "best"), [("rmse", "low"), ("r2", "high")])
def test_better_means_what_the_metric_means(name: str, best: str) -> None:
    chosen = select(
        [record("low", 0.1), record("high", 0.9)], TaskSpec(target="y", task="regression", metric=name)
    )
    assert [member.candidate for member in chosen.members] == [best]


def test_a_simpler_model_as_good_as_the_best_is_told_so(tmp_path: Path) -> None:
    deep, plain = (crossed(keep(tmp_path, name, noisy(1, 0.5)), name) for name in ("lightgbm", "linear"))
    chosen = select([deep, plain], TASK, tmp_path)
    assert [member.candidate for member in chosen.members] == ["linear"]
    assert chosen.reason.startswith("Linear model is as good as Gradient-boosted trees")


def test_a_blend_is_chosen_where_models_are_at_hand(tmp_path: Path) -> None:
    records = [keep(tmp_path, f"m{seed}", noisy(seed, 0.5)) for seed in (1, 2)]
    assert len(select(records, TASK).members) == 1
    chosen = select(records, TASK, tmp_path)
    assert len(chosen.members) == 2
    assert chosen.members[0].weight >= chosen.members[1].weight > 0
    assert chosen.score < records[0].score
