"""A run as it is right now: how far it is, what each model learns, who leads. Made for being asked every second."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.jobs.failures import STILL
from app.usecases.person import Person
from app.usecases.run_access import find_run, newest_job
from app.usecases.run_files import RunFiles
from app.usecases.run_progress import ModelProgress, RunProgress, journals
from app.wiring import Appliance
from engine.evaluation.metrics import metric
from engine.families import CATALOGUE
from engine.specs.report import LeaderboardRow, Report
from engine.specs.training import Candidate, ModelRecord
from engine.steps import STEPS
from engine.words import words
from store.jobs import JobRecord

#: Every viewer of one run shares one look at it, taken this often at most.
_FRESH_S = 0.4
_MOST_LOOKS = 128
_ACTIVE = frozenset({"queued", "running"})
#: Shares of the whole walk's time by step, from runs of five minutes: what a bar over all steps may say.
_WEIGHTS: Mapping[str, float] = {
    "upload": 0.01,
    "import": 0.02,
    "features": 0.01,
    "split": 0.02,
    "models": 0.04,
    "training": 0.80,
    "evaluation": 0.08,
    "publish": 0.02,
}


@dataclass(frozen=True, kw_only=True)
class Curve:
    """How one candidate learnt: losses, smaller is better.

    x: steps so far, of what `x_title` names ("trees", "passes").   train, valid: None where it was not measured.
    fold: the fold that was left out, where the model is judged on several; None where validation rows judge.
    """

    candidate: str
    title: str
    metric: str
    x: tuple[float, ...]
    train: tuple[float | None, ...]
    valid: tuple[float | None, ...]
    x_title: str = ""
    fold: int | None = None


@dataclass(frozen=True, kw_only=True)
class LiveView:
    """A run right now.

    state: of its newest job, or "idle" when it never had one.   step: name of the step that is worked on, or "".
    share: of all that the job has to do, 0 to 1.   seconds_left: at most, as far as the time limit tells.
    note: what is being done, for a person.   message, remedy: why the job ended, where it did not succeed.
    log: newest last.
    """

    state: str
    step: str
    share: float
    seconds_left: float | None
    note: str
    curves: tuple[Curve, ...]
    leaderboard: tuple[LeaderboardRow, ...]
    log: tuple[str, ...]
    message: str = ""
    remedy: str = ""
    metric: str = ""


def live(box: Appliance, who: Person, run_id: str) -> LiveView:
    """Return a run as it is right now; what its worker writes meanwhile is seen within 0.4 s.   Raises: NotFound."""
    commits = box.db.commits
    key = str(box.folder.runs / run_id)
    held = _looks.get(key)
    if held is None or held.commits != commits:
        job = newest_job(box, find_run(box, run_id).id)
    elif time.monotonic() - held.at < _FRESH_S:
        return held.view
    else:
        job = held.job
    view = look(RunFiles(box.folder.run(run_id)), job, datetime.now(UTC))
    _looks.put(key, _Look(commits=commits, job=job, at=time.monotonic(), view=view))
    return view


def look(files: RunFiles, job: JobRecord | None, now: datetime) -> LiveView:
    """Return what a run's folder and its newest job say.   now: with a zone."""
    spec, task = files.spec, files.task
    candidates = {one.id: one for one in files.candidates or ()}
    is_active = job is not None and job.state in _ACTIVE
    loss = words("Log loss") if task is not None and task.classes else words("Squared error (scaled)")
    with journals.of(files.folder) as progress:
        curves = tuple(
            _curve(model, candidates[model.candidate], files, loss)
            for model in progress.models.values()
            if model.candidate in candidates and model.points
        )
        rows = leaderboard(progress, files)
        spent = progress.elapsed_s
        if is_active and progress.step and progress.at is not None:
            spent += max(0.0, (now - progress.at).total_seconds())
        return LiveView(
            state=job.state if job is not None else "idle",
            step=progress.step if is_active else "",
            share=_share(progress, job, len(candidates)),
            seconds_left=max(0.0, spec.time_limit_s - spent) if is_active else None,
            note=_note(progress, job),
            curves=curves,
            leaderboard=rows,
            log=tuple(progress.log),
            message=job.message or "" if job is not None else "",
            remedy=job.remedy or "" if job is not None else "",
            metric=task.metric if task is not None else "",
        )


def _curve(model: ModelProgress, candidate: Candidate, files: RunFiles, loss: str) -> Curve:
    counted = _STEPS.get(candidate.family)
    most = float(candidate.params.get(counted[0], 1.0)) if counted else 1.0
    points = [(share * most, train, valid) for share, train, valid in model.points]
    if counted and model.state == "finished":
        # The events of a quick training are sparse; its record has every point.
        record = files.read(ModelRecord, files.paths.record(candidate.id))
        if record is not None and len(record.curve) > len(points):
            points = list(record.curve)
    return Curve(
        candidate=model.candidate,
        title=model.title,
        metric=loss,
        x=tuple(round(x, 3) for x, _, _ in points),
        train=tuple(train for _, train, _ in points),
        valid=tuple(valid for _, _, valid in points),
        x_title=_UNITS.get(counted[1], counted[1]) if counted else "",
        fold=model.fold,
    )


#: What a family's steps are, as a reader is told.
_UNITS = {"trees": words("trees"), "passes": words("passes")}
#: Family → (param that counts its steps, what it counts).
_STEPS: Mapping[str, tuple[str, str]] = {
    member.name: (
        member.steps,
        next((param.unit for param in member.params if param.name == member.steps), ""),
    )
    for member in CATALOGUE
    if member.steps
}


def leaderboard(progress: RunProgress, files: RunFiles) -> tuple[LeaderboardRow, ...]:
    """Return the report's own once there is one; until then what the events say, best first."""
    report = files.read(Report, files.paths.report)
    if report is not None:
        return report.leaderboard
    task, selection = files.task, files.selection
    candidates = {one.id: one for one in files.candidates or ()}
    weights = {one.candidate: one.weight for one in selection.members} if selection else {}
    total = sum(weights.values()) or 1.0
    ended = [model for model in progress.models.values() if model.state != "running"]
    rows = [
        LeaderboardRow(
            id=model.candidate,
            family=model.family,
            title=model.title,
            params=candidates[model.candidate].params if model.candidate in candidates else {},
            score=model.score,
            train_score=model.train_score,
            seconds=model.seconds,
            stopped=model.stopped,
            is_chosen=model.candidate in weights,
            weight=weights[model.candidate] / total if model.candidate in weights else None,
            refused=model.reason,
        )
        for model in ended
    ]
    sign = -1.0 if task is None or metric(task.metric).greater_is_better else 1.0
    return tuple(sorted(rows, key=lambda row: (row.score is None, sign * (row.score or 0.0))))


def _share(progress: RunProgress, job: JobRecord | None, candidates: int) -> float:
    """Share of the job's own steps that is done; by the weight of each step."""
    if job is None:
        return 0.0
    if job.state == "succeeded":
        return 1.0
    wanted = _steps_of(job.kind)
    done = 0.0
    for name in wanted:
        if name in progress.steps:
            done += _WEIGHTS[name]
        elif name == progress.step:
            inside = _models_share(progress, candidates) if name == "training" else progress.step_share
            done += _WEIGHTS[name] * inside
    return min(1.0, done / sum(_WEIGHTS[name] for name in wanted))


def _models_share(progress: RunProgress, candidates: int) -> float:
    if not candidates:
        return 0.0
    return min(1.0, sum(model.share for model in progress.models.values()) / candidates)


def _steps_of(kind: str) -> Sequence[str]:
    names = [step.name for step in STEPS]
    last = {"prepare_run": "split", "train_run": "evaluation"}.get(kind, names[-1])
    return names[: names.index(last) + 1]


def _note(progress: RunProgress, job: JobRecord | None) -> str:
    if job is None:
        return ""
    if job.state == "queued":
        return words("Waiting for its turn")
    if job.state == "running" and job.note == STILL:
        return STILL
    if job.state != "running" or not progress.step:
        return ""
    training = next((model for model in progress.models.values() if model.state == "running"), None)
    if progress.step == "training" and training is not None:
        return words("Training {title}", title=training.title)
    return next(step.title for step in STEPS if step.name == progress.step)


@dataclass(frozen=True, kw_only=True)
class _Look:
    """The last look at a run: `job` is good until the database changes, `view` until it is no longer fresh."""

    commits: int
    job: JobRecord | None
    at: float
    view: LiveView


class _Looks:
    """The last look at each run; the longest unwatched go first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[str, _Look] = OrderedDict()

    def get(self, key: str) -> _Look | None:
        with self._lock:
            return self._held.get(key)

    def put(self, key: str, look: _Look) -> None:
        with self._lock:
            self._held[key] = look
            self._held.move_to_end(key)
            while len(self._held) > _MOST_LOOKS:
                self._held.popitem(last=False)


_looks = _Looks()
