"""Training ends with the evaluation, and the run's record says how good the model is."""

from __future__ import annotations

import pytest

from store import jobs, run_records
from tests.app.jobs.handlers.conftest import Walk

pytestmark = pytest.mark.slow


def test_the_steps_up_to_the_evaluation_are_done_and_told(walk: Walk, kinds_of: dict[str, list[str]]) -> None:
    assert walk.trained.state == "succeeded" and walk.trained.result["steps"][-1] == "evaluation"
    told = kinds_of["train_run"]
    assert told.count("step_finished") == 3 and told.count("step_kept") == 4
    assert told.count("model_finished") >= 3


def test_what_was_said_is_what_the_run_wrote_down(walk: Walk) -> None:
    """The job's events are those of the run's own journal, each once."""
    told = [e.event for e in jobs.events(walk.box.db, walk.trained.id) if e.kind == "model_finished"]
    assert len({event["candidate"] for event in told}) == len(told)


def test_the_record_shows_the_score_beside_the_baseline(walk: Walk) -> None:
    record = run_records.get(walk.box.db, walk.run_id)
    assert record is not None and record.score is not None and record.baseline is not None
    assert record.score > 0.9 > record.baseline
