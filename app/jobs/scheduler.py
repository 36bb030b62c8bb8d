"""What happens by itself: the supervisor's half-second look, the housekeeping, and a watch over both."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

TICK_S = 0.5
#: Without a finished look for so long, jobs are not being watched.
SILENCE_S = 15.0
WATCH_S = 2.0
#: The time of day that steps back further than this leaves everything due only when it has caught up again.
STEP_BACK_S = 1.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Chore:
    """Something to do again and again.   every_s: seconds between two starts, and before the first."""

    name: str
    every_s: float
    work: Callable[[], object]


class Scheduler:
    """Runs `tick` every half second and each chore at its own pace, and begins anew when its thread dies.

    A clock that is set back holds nothing up. A chore that fails is logged and done again when it is due: one failure
    never ends the rest.
    """

    def __init__(
        self,
        tick: Callable[[], object],
        chores: tuple[Chore, ...] = (),
        *,
        time_of_day: Callable[[], float] = time.time,
    ) -> None:
        """time_of_day: seconds, of the clock that people may set."""
        self._time_of_day = time_of_day
        self._chores = (Chore(name="tick", every_s=TICK_S, work=self._tick), *chores)
        self._look = tick
        self._scheduler: BackgroundScheduler | None = None
        self._closing = threading.Event()
        self._watch: threading.Thread | None = None
        self._last_tick = time.monotonic()
        self._restarts = 0

    @property
    def restarts(self) -> int:
        """How often the watch had to begin anew."""
        return self._restarts

    def start(self) -> None:
        """Begin; returns at once."""
        self._closing.clear()
        self._last_tick = time.monotonic()
        self._scheduler = self._begin()
        self._watch = threading.Thread(target=self._keep_alive, name="aimass-watch", daemon=True)
        self._watch.start()

    def healthy(self) -> bool:
        """Tell whether jobs are being watched: the thread lives and a look was finished a moment ago."""
        return self._has_thread() and time.monotonic() - self._last_tick < SILENCE_S

    def close(self) -> None:
        """End; what is being done now is finished first."""
        self._closing.set()
        if self._watch is not None:
            self._watch.join()
        if self._scheduler is not None and self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self._scheduler = None

    def _tick(self) -> None:
        self._look()
        self._last_tick = time.monotonic()

    def _begin(self) -> BackgroundScheduler:
        # Without a grace time a look that comes a second late would be skipped, without `coalesce` it would be
        # repeated for every one that was missed while the machine slept.
        scheduler = BackgroundScheduler(
            timezone="UTC",
            daemon=True,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        scheduler.add_listener(_log_failure, EVENT_JOB_ERROR)
        for chore in self._chores:
            scheduler.add_job(chore.work, "interval", seconds=chore.every_s, id=chore.name)
        scheduler.start()
        return scheduler

    def _has_thread(self) -> bool:
        thread = getattr(self._scheduler, "_thread", None)
        return isinstance(thread, threading.Thread) and thread.is_alive()

    def _keep_alive(self) -> None:
        lead = self._lead()
        while not self._closing.wait(WATCH_S):
            before, lead = lead, self._lead()
            if not self._has_thread():
                _log.error("The scheduler's thread died; it begins anew.")
                self._restarts += 1
                self._scheduler = self._begin()
            elif lead < before - STEP_BACK_S:
                _log.warning("The clock was set back by %.0f s; everything is timed anew.", before - lead)
                self._time_anew()

    def _lead(self) -> float:
        """Seconds that the time of day is ahead of the clock that nobody can set: less once it was set back."""
        return self._time_of_day() - time.monotonic()

    def _time_anew(self) -> None:
        """Count from now on: APScheduler keeps the time of day at which each is due (RELIABILITY F48)."""
        if self._scheduler is not None:
            for chore in self._chores:
                self._scheduler.reschedule_job(chore.name, trigger="interval", seconds=chore.every_s)


def _log_failure(event: JobExecutionEvent) -> None:
    _log.error("The chore %r failed: %s", event.job_id, event.exception, exc_info=event.exception)
