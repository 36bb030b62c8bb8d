"""The time that ages and sessions are counted by: it runs evenly, whatever is done to the clock that people may set.

A clock that is set wrong, by hand or by a broken time server, must neither sign everybody out nor make a thing look
old enough to be thrown away (RELIABILITY R6, F48).
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from store.folder import PRIVATE_FILE, boot_id

#: A step of the time of day is believed when it has stood for so long; a wrong one is found out before.
BELIEVED_AFTER_S = 24 * 3600.0
#: Smaller differences are how clocks are kept right; they are followed at once.
SLEW_S = 5.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Anchor:
    """One moment on both clocks.   ticks: seconds since boot.   time: seconds since 1970."""

    boot_id: str
    ticks: float
    time: float


class EvenClock:
    """Counts the seconds since boot on from the time of day that it was once told; any thread may ask it.

    It goes on over a restart of the server, since its anchor is kept in a file; a restart of the machine begins anew
    with the time of day.
    """

    def __init__(
        self,
        path: Path,
        *,
        time_of_day: Callable[[], float] = time.time,
        ticks: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
    ) -> None:
        """path: of its file, made when missing.   time_of_day, ticks: the two clocks, in seconds."""
        self._path = path
        self._time_of_day = time_of_day
        self._ticks = ticks
        self._held_back_s = 0.0
        self._step_s = 0.0
        self._step_since: float | None = None
        kept = _read(path)
        if kept is None or kept.boot_id != boot_id() or kept.ticks > ticks():
            kept = self._put_down(time_of_day())
        self._anchor = kept

    def now(self) -> datetime:
        """Return the even time, in UTC."""
        return datetime.fromtimestamp(self._even() + self._held_back_s, UTC)

    def earliest(self) -> datetime:
        """Return the even time or the time of day, whichever is earlier.

        For the age of what the time of day was written beside: while the two differ, nothing looks older than it is.
        """
        return min(self.now(), datetime.fromtimestamp(self._time_of_day(), UTC))

    def step_due(self) -> timedelta:
        """Look at the time of day; return the step that it took and that is to be believed now, zero for none.

        Call it now and then. A small difference is followed here and now; a step is due once it has stood for a day.
        """
        difference, moment = self._time_of_day() - self._even(), self._ticks()
        if abs(difference) <= SLEW_S:
            self._step_since = None
            if abs(difference) > 1.0:
                self._anchor = self._put_down(self._even() + difference)
        elif self._step_since is None or abs(difference - self._step_s) > SLEW_S:
            _log.warning("The time of day was set by %+.0f s; it is believed in a day.", difference)
            self._step_s, self._step_since = difference, moment
        elif moment - self._step_since >= BELIEVED_AFTER_S:
            return timedelta(seconds=difference)
        return timedelta(0)

    @contextmanager
    def stepping(self, step: timedelta) -> Iterator[None]:
        """Take a step once the block, which moves what is kept in even time, has ended well.

        While it runs the earlier of the two times is told, so that nothing is over for anybody.
        """
        self._held_back_s = min(0.0, step.total_seconds())
        try:
            yield
            self._anchor = self._put_down(self._even() + step.total_seconds())
            self._step_since = None
        finally:
            self._held_back_s = 0.0

    def _even(self) -> float:
        anchor = self._anchor
        return anchor.time + self._ticks() - anchor.ticks

    def _put_down(self, seconds: float) -> _Anchor:
        anchor = _Anchor(boot_id(), self._ticks(), seconds)
        text = json.dumps(asdict(anchor))
        new = self._path.with_name(f".tmp-{self._path.name}")
        try:
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE), "w") as file:
                file.write(text)
            new.replace(self._path)
        except OSError as error:
            # It counts on in memory; a restart begins anew with the time of day.
            _log.warning("The clock's file cannot be written: %s", error)
        return anchor


def _read(path: Path) -> _Anchor | None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        return _Anchor(str(value["boot_id"]), float(value["ticks"]), float(value["time"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
