"""Jobs wait in their lane, and their events keep one unbroken order over all attempts."""

from __future__ import annotations

from datetime import UTC, datetime

from store import jobs
from store.database import Database
from store.identifiers import new_id
from store.jobs import JobRecord
from store.table import now


def added(db: Database, **more: object) -> JobRecord:
    given = {"kind": "train_run", "subject": "run:1", "title": "Train", "lane": "training", **more}
    with db.write() as tx:
        return jobs.add(tx, JobRecord(**{"id": new_id(), "created_by": "u", "created_at": now(), **given}))


def test_they_are_found_by_state_kind_and_subject(db: Database) -> None:
    first = added(db)
    second = added(db, kind="import_dataset", subject="dataset:2", lane="data")
    third = added(db, state="succeeded")
    assert jobs.list(db) == (third, second, first)
    assert jobs.list(db, state="queued") == (second, first)
    assert jobs.list(db, kind="train_run", subject="run:1") == (third, first)
    assert (jobs.count(db), jobs.count(db, state="succeeded"), jobs.count(db, subject="x")) == (3, 1, 0)
    assert jobs.list(db, limit=1, offset=1) == (second,)


def test_the_oldest_waits_no_longer_than_it_must(db: Database) -> None:
    first, second = added(db), added(db)
    other = added(db, lane="data")
    assert jobs.queued(db, "training") == (first, second)
    with db.write() as tx:
        assert jobs.update(tx, first.id, expect_state="queued", state="running", started_at=now())
        assert not jobs.update(tx, first.id, expect_state="queued", state="running")
        assert not jobs.update(tx, new_id(), state="lost")
    assert jobs.queued(db, "training") == (second,)
    assert [job.id for job in jobs.running(db)] == [first.id]
    assert [job.id for job in jobs.active(db, "run:1")] == [first.id, second.id, other.id]
    assert jobs.active(db, "run:1", kind="x") == ()
    assert [job.id for job in jobs.unfinished(db)] == [first.id, second.id, other.id]


def test_a_job_keeps_sentences_and_results_as_json(db: Database) -> None:
    sentence = {"text": "It is 3.", "template": "It is {n}.", "values": {"n": 3}}
    job = added(db, title=sentence, arguments={"a": [1, None]})
    with db.write() as tx:
        jobs.update(
            tx, job.id, message=sentence, remedy="Wait.", error_class="USER", result={"rows": 3}, share=0.5
        )
    kept = jobs.get(db, job.id)
    assert kept is not None
    assert (kept.title, kept.message, kept.remedy, kept.result) == (sentence, sentence, "Wait.", {"rows": 3})
    assert kept.arguments == {"a": [1, None]}


def test_events_are_numbered_over_all_attempts(db: Database) -> None:
    job, at = added(db), now()
    with db.write() as tx:
        assert (
            jobs.append_events(tx, job.id, [{"event": "step", "n": n} for n in range(150)], attempt=1, at=at)
            == 150
        )
        assert jobs.append_events(tx, job.id, [], attempt=1, at=at) == 150
        assert jobs.append_events(tx, job.id, [{"event": "curve"}, {"odd": 1}], attempt=2, at=at) == 152
    assert [event.seq for event in jobs.events(db, job.id)] == list(range(1, 153))
    assert [
        event.event["n"] for event in jobs.events(db, job.id, after_seq=100, kinds=["step"], limit=2)
    ] == [100, 101]
    assert [event.attempt for event in jobs.events(db, job.id, kinds=["curve", ""])] == [2, 2]
    assert jobs.events(db, job.id, kinds=[]) == ()
    assert jobs.events(db, new_id()) == ()
    with db.write() as tx:
        assert jobs.drop_events(tx, job.subject) == 152


def test_an_event_is_kept_at_its_own_moment(db: Database) -> None:
    job, read_at = added(db), now()
    own = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    told = [
        {"event": "a", "time": own.isoformat()},
        {"event": "b", "at": "2026-01-02T03:04:05"},
        {"event": "c", "at": 7},
    ]
    with db.write() as tx:
        jobs.append_events(tx, job.id, told, attempt=1, at=read_at)
    assert [event.at for event in jobs.events(db, job.id)] == [own, read_at, read_at]


def test_a_job_that_has_ended_is_removed_with_its_events_and_an_active_one_never(db: Database) -> None:
    for state in ("queued", "running", "succeeded", "failed", "cancelled", "lost"):
        job = added(db, state=state)
        with db.write() as tx:
            jobs.append_events(tx, job.id, [{"event": "said"}], attempt=1, at=now())
            is_removed = jobs.remove(tx, job.id)
        is_active = state in ("queued", "running")
        assert is_removed is not is_active
        assert (jobs.get(db, job.id) is not None) is is_active
        assert len(jobs.events(db, job.id)) == is_active
