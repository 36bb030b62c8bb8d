"""What the database says of running jobs: begun, what was told so far, ended; each in one transaction."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.jobs import failures
from app.jobs.kinds import JobKind, resolve
from app.jobs.messages import Message
from app.jobs.queue import ENDED
from store import jobs
from store.database import Database, DatabaseBroken, DatabaseFull
from store.folder import DataFolder
from store.jobs import JobRecord
from store.table import Writes, now

#: Fields that an ending writes.
_ENDING = ("state", "share", "note", "message", "remedy", "error_class", "result", "finished_at")
_log = logging.getLogger(__name__)


class Ledger:
    """Keeps the rows of jobs that run. Only the supervisor writes here, one tick at a time."""

    def __init__(self, db: Database, folder: DataFolder, kinds: Mapping[str, JobKind]) -> None:
        self._db = db
        self._folder = folder
        self._kinds = kinds

    def begin(self, job: JobRecord) -> JobRecord:
        """Write that a queued job runs, under a token of its own, before its worker is started; return it."""
        begun = replace(job, state="running", token=secrets.token_hex(16), started_at=now(), note=None)
        fields = {name: getattr(begun, name) for name in ("state", "token", "started_at", "note")}
        with self._db.write() as tx:
            jobs.update(tx, job.id, expect_state="queued", **fields)
        return begun

    def remark(self, job: JobRecord, note: str | None) -> None:
        """Write beside a job why it waits or may hang, if that is not written there yet; None takes it away."""
        if job.note != note:
            with self._db.write() as tx:
                kept = None if note is None else str(note)
                jobs.update(tx, job.id, expect_state=job.state, note=kept)

    def keep(self, job: JobRecord, told: Sequence[Message], offset: int) -> None:
        """Write what was told and how far it was read, in one transaction: nothing is lost or written twice."""
        if offset == job.tailed_bytes:
            return
        with self._db.write() as tx:
            _append(tx, job, told)
            jobs.update(tx, job.id, tailed_bytes=offset, **_progress(told))

    def end(
        self, job: JobRecord, outcome: Mapping[str, Any], told: Sequence[Message], offset: int
    ) -> JobRecord:
        """Settle a job, then write its last words and that it has ended. A kill between the two settles it once more.

        outcome: the event that ended it.   Returns: the job as it was written.
        """
        ended = _ended(job, outcome)
        failure = self._settle(ended)
        if failure is not None and ended.state == "succeeded":
            # What was made could not be put in its place, so the job did not do what it was asked for.
            ended = _ended(job, failures.explain(failure).as_event())
            self._settle(ended)
        with self._db.write() as tx:
            _append(tx, job, told)
            event = {"event": "job_ended", "state": ended.state, "message": ended.message}
            jobs.append_events(tx, job.id, [event], attempt=job.attempt, at=now())
            changes = {name: getattr(ended, name) for name in _ENDING}
            jobs.update(tx, job.id, expect_state=job.state, tailed_bytes=offset, **changes)
        return ended

    def _settle(self, ended: JobRecord) -> Exception | None:
        """Let the kind's own function write what the ending means; return what kept it from that."""
        kind = self._kinds.get(ended.kind)
        if kind is None or not kind.settle:
            return None
        try:
            resolve(kind.settle)(self._db, self._folder, ended)
        except (DatabaseFull, DatabaseBroken):
            raise  # nothing can be written now, an ending neither
        except Exception as error:  # noqa: BLE001 - whatever it is: it would come again at every look, for ever
            _log.exception("Job %s could not be settled.", ended.id)
            return error
        return None


def _append(tx: Writes, job: JobRecord, told: Sequence[Message]) -> None:
    events = [{"at": message.at.isoformat(), **message.event} for message in told]
    jobs.append_events(tx, job.id, events, attempt=job.attempt, at=now())


def _ended(job: JobRecord, outcome: Mapping[str, Any]) -> JobRecord:
    if outcome.get("state") not in ENDED:
        outcome = failures.explain(ValueError("no such outcome")).as_event()
    state = outcome["state"]
    return replace(
        job,
        state=state,
        share=1.0 if state == "succeeded" else job.share,
        note=None,
        message=outcome.get("message"),
        remedy=outcome.get("remedy"),
        error_class=outcome.get("error_class"),
        result=outcome.get("result"),
        finished_at=now(),
    )


def _progress(told: Sequence[Message]) -> dict[str, Any]:
    """The bar and the words beside it, as the last of these messages leave them."""
    shown: dict[str, Any] = {}
    for message in told:
        event = message.event
        if event["event"] == "step_started":
            shown |= {"share": 0.0, "note": event.get("title")}
        if isinstance(event.get("share"), (int, float)):
            shown["share"] = min(1.0, max(0.0, float(event["share"])))
        if isinstance(event.get("note"), str):
            shown["note"] = event["note"]
    return shown
