"""How far each of a run's eight steps is, told from its files, its events and its newest job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.usecases.run_files import RunFiles
from app.usecases.run_progress import journals
from engine.specs.run import RunSpec
from engine.specs.training import TaskSpec
from engine.steps import STEPS, whole_steps
from store.jobs import JobRecord
from store.run_records import RunRecord

StepState = Literal["done", "running", "open", "waiting", "failed"]


@dataclass(frozen=True, kw_only=True)
class StepView:
    """One step.   state: "open" when it is next, "waiting" when others come first.   summary: what came of it."""

    name: str
    title: str
    state: StepState
    summary: str
    seconds: float | None


@dataclass(frozen=True, kw_only=True)
class RunView:
    """A run as its pages show it.   job: the newest one about it.   task: the question, once the data was seen.

    has_pictures: its rows are pictures.
    """

    record: RunRecord
    spec: RunSpec
    steps: tuple[StepView, ...]
    job: JobRecord | None
    task: TaskSpec | None = None
    has_pictures: bool = False


def view_of(files: RunFiles, record: RunRecord, job: JobRecord | None) -> RunView:
    """Return the view of one run."""
    whole = len(whole_steps(files.paths))
    with journals.of(files.folder) as progress:
        told = dict(progress.steps)
        failed = progress.failed_step
    views = []
    for position, step in enumerate(STEPS):
        state: StepState = "waiting"
        if position < whole:
            state = "done"
        elif position == whole:
            state = _state_of_next(step.name, job, failed)
        known = told.get(step.name) if state == "done" else None
        views.append(
            StepView(
                name=step.name,
                title=step.title,
                state=state,
                summary=known.summary if known else "",
                seconds=known.seconds if known else None,
            )
        )
    return RunView(
        record=record,
        spec=files.spec,
        steps=tuple(views),
        job=job,
        task=files.task,
        has_pictures=files.schema is not None and files.schema.image is not None,
    )


def _state_of_next(name: str, job: JobRecord | None, failed: str) -> StepState:
    if job is None or job.state in ("succeeded", "cancelled"):
        return "open"
    if job.state in ("queued", "running"):
        return "running"
    # A worker that was killed says nothing of a step; it was the first that is not whole.
    return "failed" if failed in ("", name) else "open"
