"""What a run's events say so far, read on from where the last look ended: steps, models, curves, a log for people."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from engine.steps import STEPS
from engine.training.candidates import title_of
from engine.words import words
from store.runs import EVENTS_NAME

ModelState = Literal["running", "waiting", "finished", "skipped", "failed"]
Point = tuple[float, float | None, float | None]

#: Points kept of a curve; a longer one is thinned evenly, and its last point is always there.
MOST_POINTS = 400
MOST_LOG_LINES = 200
#: Runs followed at once; a long one takes up to a megabyte, and reading it again a few milliseconds.
_MOST_JOURNALS = 48
#: Steps that train models: what is known of models is void when one of them is forgotten.
_TRAINING = frozenset({"models", "training"})


@dataclass
class ModelProgress:
    """One candidate.   share: done, 0 to 1.   fold: the one that the curve shows, where each is left out in turn.

    state: "waiting" has the score of its first fold, and goes on if it promises more than others.
    """

    candidate: str
    family: str
    state: ModelState = "running"
    share: float = 0.0
    score: float | None = None
    train_score: float | None = None
    seconds: float | None = None
    stopped: str | None = None
    reason: str | None = None
    fold: int | None = None
    _is_closed: bool = False
    _points: list[Point] = field(default_factory=list)
    _last: Point | None = None
    _every: int = 1
    _seen: int = 0

    @property
    def title(self) -> str:
        """The family's title, and the candidate's own name within it."""
        return title_of(self.candidate, self.family)

    @property
    def points(self) -> tuple[Point, ...]:
        """(share of the training, training loss, validation loss), share ascending; at most `MOST_POINTS`."""
        if self._last is None or (self._points and self._points[-1] == self._last):
            return tuple(self._points)
        return (*self._points, self._last)

    def tell(self, event: Mapping[str, Any]) -> None:
        """Take in how far it is. Of several trainings the first one's curve is kept: the others look alike."""
        self.state, self.share = "running", float(event["share"])
        fold = event.get("fold")
        if self._last is None:
            self.fold = fold
        self._is_closed |= fold != self.fold
        if not self._is_closed:
            self._add((float(event.get("within", self.share)), event.get("train"), event.get("valid")))

    def _add(self, point: Point) -> None:
        self._last = point
        if self._seen % self._every == 0:
            self._points.append(point)
        self._seen += 1
        if len(self._points) >= MOST_POINTS:
            self._points = self._points[::2]
            self._every *= 2


@dataclass
class StepProgress:
    """The last time a step was done.   summary: what came of it."""

    summary: str
    seconds: float


class RunProgress:
    """Everything the events of a run say, in the order they happened. Not safe for threads by itself."""

    def __init__(self) -> None:
        self.steps: dict[str, StepProgress] = {}
        self.models: dict[str, ModelProgress] = {}
        self.log: deque[str] = deque(maxlen=MOST_LOG_LINES)
        self.step: str = ""
        self.step_share: float = 0.0
        self.failed_step: str = ""
        self.elapsed_s: float = 0.0
        self.at: datetime | None = None

    def add(self, event: Mapping[str, Any]) -> None:
        """Take in one event; kinds that nobody knows are passed over."""
        self.elapsed_s = float(event.get("elapsed_s", self.elapsed_s))
        self.at = _moment(event.get("time")) or self.at
        kind = str(event.get("event", ""))
        if kind.startswith("model_") and "candidate" in event:
            self._add_model(kind, event)
        elif kind.startswith("step_") or kind in ("steps_forgotten", "run_failed", "run_finished"):
            self._add_step(kind, event)
        elif kind == "part_finished" and event.keys() >= {"candidate", "family", "rows", "score"}:
            self.log.append(
                words(
                    "{title} trained again on {rows:,} rows, to see what more would bring: {score:.5g}",
                    title=title_of(event["candidate"], event["family"]),
                    rows=int(event["rows"]),
                    score=float(event["score"]),
                )
            )

    def _add_step(self, kind: str, event: Mapping[str, Any]) -> None:
        name = str(event.get("step", ""))
        if kind == "step_started":
            self.step, self.step_share, self.failed_step = name, 0.0, ""
            self.log.append(words("{title} …", title=_step_title(name)))
        elif kind == "step_progress":
            self.step_share = float(event["share"])
        elif kind == "step_finished":
            self.steps[name] = StepProgress(str(event["summary"]), float(event["seconds"]))
            self.step = ""
            self.log.append(
                words("{title}: {summary}", title=_step_title(name), summary=str(event["summary"]))
            )
        elif kind == "steps_forgotten":
            self._forget(event["steps"])
        elif kind == "run_failed":
            self.failed_step, self.step = self.step or self.failed_step, ""
            self.log.append(str(event.get("message", "")))

    def _forget(self, names: list[str]) -> None:
        for name in names:
            self.steps.pop(name, None)
        if _TRAINING.intersection(names):
            self.models.clear()
        self.step = self.failed_step = ""
        self.log.append(words("Settings were changed: what depends on them is done again."))

    def _add_model(self, kind: str, event: Mapping[str, Any]) -> None:
        name = str(event["candidate"])
        if kind == "model_started" or name not in self.models:
            self.models[name] = ModelProgress(name, str(event.get("family", "")))
        model = self.models[name]
        if kind == "model_started":
            self.log.append(words("Training {title} …", title=model.title))
        elif kind == "model_progress":
            model.tell(event)
        elif kind == "model_tried":
            model.state, model.stopped = "waiting", "waiting"
            model.score, model.seconds = event.get("score"), event.get("seconds")
        elif kind in ("model_finished", "model_kept"):
            self._end_model(model, event)
        elif kind in ("model_skipped", "model_failed"):
            model.state = "skipped" if kind == "model_skipped" else "failed"
            # What one fold said is not comparable with what all folds said of the others.
            model.score = model.stopped = None
            model.reason = str(event.get("reason", ""))
            self.log.append(words("{title}: {reason}", title=model.title, reason=model.reason))

    def _end_model(self, model: ModelProgress, event: Mapping[str, Any]) -> None:
        was_known = model.state == "finished"
        model.state, model.share = "finished", 1.0
        model.score, model.seconds = event.get("score"), event.get("seconds")
        model.train_score = event.get("train", model.train_score)
        model.stopped = event.get("stopped", model.stopped)
        if not was_known and model.score is not None:
            self.log.append(
                words(
                    "{title}: {score:.5g} in {seconds:.1f} s",
                    title=model.title,
                    score=float(model.score),
                    seconds=float(model.seconds or 0.0),
                )
            )


class Journal:
    """A run's events file, followed. Safe for threads; each look costs one `stat` and what was written since."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._offset = 0
        self._inode = 0
        self._progress = RunProgress()

    def __enter__(self) -> RunProgress:
        """Read what is new, and lend the progress until the `with` block ends."""
        self._lock.acquire()
        try:
            self._read_on()
        except BaseException:
            self._lock.release()
            raise
        return self._progress

    def __exit__(self, *failure: object) -> None:
        self._lock.release()

    def _read_on(self) -> None:
        try:
            stat = self._path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return
        if stat.st_size < self._offset or stat.st_ino != self._inode:
            self._offset, self._inode, self._progress = 0, stat.st_ino, RunProgress()
        if stat.st_size == self._offset:
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            fresh = file.read(stat.st_size - self._offset)
        # A line that is still being written, or was torn by a kill and not yet closed, waits.
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            event = _event(line)
            if event is not None:
                self._progress.add(event)


class Journals:
    """The journals that are looked at, by run folder; the longest unused go first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Journal] = OrderedDict()

    def of(self, folder: Path) -> Journal:
        """Return the journal of a run folder, which need not exist yet."""
        with self._lock:
            journal = self._held.setdefault(str(folder), Journal(folder / EVENTS_NAME))
            self._held.move_to_end(str(folder))
            while len(self._held) > _MOST_JOURNALS:
                self._held.popitem(last=False)
            return journal


journals = Journals()


def _event(line: bytes) -> Mapping[str, Any] | None:
    try:
        event = json.loads(line)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return None
    return event if isinstance(event, dict) else None


def _step_title(name: str) -> str:
    return next((step.title for step in STEPS if step.name == name), name)


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        return None
