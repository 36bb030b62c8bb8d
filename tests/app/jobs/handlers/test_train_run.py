"""Training ends with the evaluation, and the run's record says how good the model is."""

from __future__ import annotations

import os
import signal

import pytest

from app.jobs.process import read_holder
from app.usecases import runs
from store import jobs, run_records
from tests.app.jobs.handlers.conftest import ADA, Walk, ended
from tests.app.jobs.test_process import wait

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


def test_a_killed_training_goes_on_where_it_was(walk: Walk) -> None:
    """What was trained before the kill is kept: no model is trained twice."""
    box = walk.box
    run = runs.create_run(box, ADA, walk.dataset_id, target="target", time_limit_s=20.0)
    ended(box, jobs.list(box.db, subject=f"run:{run.id}")[0])
    runs.change_run(box, ADA, run.id, revision=run.revision, families=("linear", "random_forest", "mlp"))
    job = runs.start_training(box, ADA, run.id)
    wait(lambda: box.jobs.tick() or jobs.events(box.db, job.id, kinds=("model_finished",)))
    holder = read_holder(box.folder.job(job.id) / ".lock")
    assert holder is not None
    os.kill(holder.pid, signal.SIGKILL)
    lost = ended(box, job)
    assert (lost.state, lost.error_class) == ("lost", "INFRA") and "SIGKILL" in lost.message
    box.jobs.retry(job.id)
    assert ended(box, job).state == "succeeded"
    told = jobs.events(box.db, job.id, kinds=("model_finished", "model_kept"))
    finished = [e.event["candidate"] for e in told if e.kind == "model_finished"]
    kept = [e.event["candidate"] for e in told if e.kind == "model_kept" and e.attempt == 2]
    assert len(set(finished)) == len(finished) and kept
    assert set(kept) <= {e.event["candidate"] for e in told if e.attempt == 1}
