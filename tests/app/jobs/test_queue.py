"""Rows of the queue: one for each wish, written with what belongs to it or not at all."""

from __future__ import annotations

import threading

import pytest

from app.jobs.queue import Request, ask_to_stop, enqueue, enqueue_again, put_back
from store import jobs
from store.identifiers import new_id
from store.jobs import JobRecord
from store.table import Writes
from tests.app.jobs.conftest import Bench
from tests.app.jobs.work import STUB_KINDS

REQUEST = Request(kind=STUB_KINDS[0], subject="thing:1", title="t", created_by="wang", arguments={"a": 1})


def test_twenty_at_the_same_moment_are_one(bench: Bench) -> None:
    found: list[str] = []
    barrier = threading.Barrier(20)

    def ask() -> None:
        barrier.wait()
        found.append(enqueue(bench.db, REQUEST).id)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20 and len(set(found)) == 1 and jobs.count(bench.db) == 1


def test_what_belongs_together_is_written_together_or_not_at_all(bench: Bench) -> None:
    def refuse(tx: Writes, job: JobRecord) -> None:
        raise ValueError(job.id)

    with pytest.raises(ValueError, match=r"\w{16}"):
        enqueue(bench.db, REQUEST, refuse)
    assert jobs.count(bench.db) == 0
    seen: list[str] = []
    first = enqueue(bench.db, REQUEST, lambda tx, job: seen.append(job.id))
    enqueue(bench.db, REQUEST, lambda tx, job: seen.append("again"))
    assert seen == [first.id] and first.arguments == {"a": 1} and first.lane == "quick"


def test_only_what_ended_badly_is_queued_again(bench: Bench) -> None:
    job = enqueue(bench.db, REQUEST)
    for state, attempt in (("queued", 1), ("running", 1), ("succeeded", 1), ("lost", 2)):
        with bench.db.write() as tx:
            jobs.update(tx, job.id, state=state, attempt=1, token="x", message="m", share=0.5)
        again = enqueue_again(bench.db, job.id)
        assert again is not None and again.attempt == attempt
    assert (again.state, again.token, again.message, again.share) == ("queued", "", None, None)
    assert enqueue_again(bench.db, new_id()) is None


def test_a_second_attempt_never_runs_beside_a_newer_job(bench: Bench) -> None:
    old = enqueue(bench.db, REQUEST)
    with bench.db.write() as tx:
        jobs.update(tx, old.id, state="failed")
    newer = enqueue(bench.db, REQUEST)
    found = enqueue_again(bench.db, old.id)
    assert found is not None and found.id == newer.id != old.id


def test_a_wish_to_stop_is_noted_once(bench: Bench) -> None:
    job = enqueue(bench.db, REQUEST)
    first, second = ask_to_stop(bench.db, job.id), ask_to_stop(bench.db, job.id)
    assert first is not None and second is not None and first.cancel_requested_at is not None
    assert first.cancel_requested_at == second.cancel_requested_at
    assert ask_to_stop(bench.db, new_id()) is None
    with bench.db.write() as tx:
        jobs.update(tx, job.id, state="failed", cancel_requested_at=None)
    ended = ask_to_stop(bench.db, job.id)
    assert ended is not None and ended.cancel_requested_at is None


def test_what_never_began_waits_again_in_the_same_attempt(bench: Bench) -> None:
    job = enqueue(bench.db, REQUEST)
    put_back(bench.db, job)
    with bench.db.write() as tx:
        jobs.update(tx, job.id, state="running", token="x")
    put_back(bench.db, job)
    found = jobs.get(bench.db, job.id)
    assert found is not None and (found.state, found.token, found.attempt) == ("queued", "", 1)
