"""What a run reads of its own folder, and how it shares out its time."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from engine.errors import BadCommand
from engine.files import read_json
from engine.run import Run, yardsticks
from engine.specs.codec import from_json
from engine.specs.run import RunPaths, RunSpec

pytestmark = pytest.mark.slow


@pytest.fixture
def run(finished: RunPaths) -> Run:
    return Run(
        spec=from_json(RunSpec, read_json(finished.folder / "run.json")),
        paths=finished,
        clock=lambda: 10.0,
        now=lambda: "2026-01-01T00:00:00+00:00",
        emit=lambda event: None,
        step_seconds=dict,
        threads=1,
        memory_bytes=1 << 28,
        version="0",
    )


def test_records_come_best_first(run: Run) -> None:
    scores = [record.score for record in run.records]
    assert scores == sorted(scores, reverse=True) and len(scores) >= 3


def test_yardsticks_are_the_baseline_and_the_best_linear_model(run: Run) -> None:
    found = yardsticks(run.records)
    assert {name: record.candidate.family for name, record in found.items()} == {
        "baseline": "baseline",
        "linear": "linear",
    }


def test_leaks_are_out_of_the_plan_unless_kept_on_purpose(run: Run) -> None:
    assert "verdict" not in run.usable_plan().used_columns
    kept = dataclasses.replace(run, spec=dataclasses.replace(run.spec, keep=("verdict",)))
    assert "verdict" in kept.usable_plan().used_columns


def test_a_plan_written_by_hand_is_taken_at_its_word(run: Run) -> None:
    by_hand = dataclasses.replace(run, spec=dataclasses.replace(run.spec, plan=run.usable_plan()))
    assert "verdict" in by_hand.usable_plan().used_columns


def test_time_is_kept_back_for_the_end(run: Run) -> None:
    assert 0 < run.training_s < run.spec.time_limit_s - 10.0
    late = dataclasses.replace(run, clock=lambda: 1e6)
    assert late.training_s == 0.0 and late.importance_s > 0


def test_the_baseline_is_always_trained(run: Run) -> None:
    assert run.families() == ("baseline", "linear", "decision_tree")
    free = dataclasses.replace(run, spec=dataclasses.replace(run.spec, families=None))
    assert free.families() is None
    wrong = dataclasses.replace(run, spec=dataclasses.replace(run.spec, families=("oracle",)))
    with pytest.raises(BadCommand, match="oracle"):
        wrong.families()


def test_temporary_files_of_the_data_engine_stay_in_the_run(run: Run, finished: RunPaths) -> None:
    assert run.limits.temporary_folder == Path(finished.folder)
