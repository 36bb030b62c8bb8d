"""Rows of running jobs: what was told is kept once, with how far it was read; an ending is written whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.jobs.kinds import KINDS
from app.jobs.ledger import Ledger
from app.jobs.messages import Message, MessageWriter, read_messages
from store import datasets, jobs
from store.jobs import JobRecord
from tests.app.jobs.conftest import Bench
from tests.app.jobs.test_sweep import add_dataset
from tests.app.jobs.work import STUB_KINDS

pytestmark = pytest.mark.slow


AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def ledger(bench: Bench) -> Ledger:
    return Ledger(bench.db, bench.folder, {kind.name: kind for kind in (*KINDS, *STUB_KINDS)})


def messages(*events: dict[str, object]) -> Sequence[Message]:
    return [Message(number=i, at=AT, event=event, end=10 * i) for i, event in enumerate(events, 1)]


def test_begun_told_and_ended(bench: Bench, ledger: Ledger) -> None:
    job = ledger.begin(bench.submit())
    assert bench.job(job) == job and job.state == "running" and len(job.token) == 32
    told = messages(
        {"event": "step_started", "title": "Split"},
        {"event": "step_progress", "share": 0.25},
        {"event": "model_finished", "note": 7},
        {"event": "odd", "share": "half"},
    )
    ledger.keep(job, told, 40)
    seen = bench.job(job)
    assert (seen.share, seen.note, seen.tailed_bytes) == (0.25, "Split", 40)
    assert [(event.seq, event.at) for event in bench.events(job)] == [(i, AT) for i in range(1, 5)]
    ledger.end(seen, {"event": "outcome", "state": "succeeded", "result": {"n": 1}}, (), 50)
    done = bench.job(job)
    assert (done.state, done.share, done.note, done.result) == ("succeeded", 1.0, None, {"n": 1})
    assert done.tailed_bytes == 50 and bench.events(job)[-1].kind == "job_ended"


def test_what_was_read_is_not_kept_again(bench: Bench, ledger: Ledger) -> None:
    job = ledger.begin(bench.submit())
    ledger.keep(job, messages({"event": "a"}), 10)
    ledger.keep(bench.job(job), [], 10)
    assert len(bench.events(job)) == 1


def test_a_kill_between_settling_and_writing_settles_once_more(bench: Bench, ledger: Ledger) -> None:
    dataset_id = add_dataset(bench, "importing")
    job = ledger.begin(bench.submit("import_dataset", f"dataset:{dataset_id}"))
    result = {"sha256": "0" * 64, "rows": 1, "columns": 1, "rejected": 0}
    outcome = {"event": "outcome", "state": "succeeded", "result": result}
    ledger._settle(JobRecord(**{**vars(job), "state": "succeeded", "result": result}))
    assert bench.job(job).state == "running"
    ledger.end(job, outcome, (), 5)
    found = datasets.get(bench.db, dataset_id)
    assert found is not None and found.state == "ready" and bench.job(job).state == "succeeded"


def test_an_outcome_that_makes_no_sense_is_a_fault_of_ours(bench: Bench, ledger: Ledger) -> None:
    for number, outcome in enumerate(({"event": "outcome"}, {"event": "outcome", "state": "queued"})):
        job = ledger.begin(bench.submit(subject=f"thing:{number}"))
        assert ledger.end(job, outcome, (), 0).error_class == "BUG"
        assert bench.job(job).state == "failed"


def test_a_thousand_events_are_kept_in_order(bench: Bench, ledger: Ledger, tmp_path: Path) -> None:
    job = ledger.begin(bench.submit())
    writer = MessageWriter(tmp_path / "m", job.token)
    for number in range(1000):
        writer({"event": "model_progress", "candidate": "mlp-1", "step": number, "train": 0.5, "valid": 0.25})
    writer.close()
    tail = read_messages(tmp_path / "m", 0, job.token)
    ledger.keep(job, tail.messages, tail.offset)
    kept = jobs.events(bench.db, job.id)
    assert [event.event["step"] for event in kept] == list(range(1000))
