"""Ways along the walk: its steps, which one a visitor lands on, the step after it, and what stands there meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui import cards, frame, links
from app.ui.frame import StepState
from app.ui.language import _
from app.ui.visit import Visit
from app.usecases import jobs, runs
from app.usecases.runs import RunView

#: How often a page that waits for a job looks again, in seconds.
LOOK_S = 1.0
ACTIVE = ("queued", "running")


@dataclass(frozen=True)
class WalkStep:
    """One step of the walk.   engine_step: the step of the pipeline that it shows, "" for none."""

    code: str
    title: Callable[[], str]
    engine_step: str = ""


STEPS: tuple[WalkStep, ...] = (
    WalkStep("data", lambda: _("Data"), "import"),
    WalkStep("features", lambda: _("Features"), "features"),
    WalkStep("split", lambda: _("Split"), "split"),
    WalkStep("models", lambda: _("Models"), "models"),
    WalkStep("train", lambda: _("Training"), "training"),
    WalkStep("evaluate", lambda: _("Evaluation"), "evaluation"),
    WalkStep("publish", lambda: _("Publishing"), "publish"),
    WalkStep("use", lambda: _("Use")),
)
CODES = tuple(step.code for step in STEPS)


def landing(run: RunView) -> str:
    """Return the step that a visitor without a step in the address most likely wants."""
    states = states_of(run)
    if run.job is not None and run.job.state in ACTIVE and run.job.kind == "train_run":
        return "train"
    if states["publish"] == "done":
        return "publish"
    if states["evaluate"] == "done":
        return "evaluate"
    return "train" if states["train"] in ("running", "failed") else "features"


def states_of(run: RunView) -> dict[str, StepState]:
    """Return the state of each step of the walk.

    A step can be entered as soon as there is something to see: a choice of models waits for nothing but the split.
    """
    engine: Mapping[str, StepState] = {step.name: step.state for step in run.steps}
    states = {step.code: engine.get(step.engine_step, "waiting") for step in STEPS}
    if run.job is not None and run.job.kind == "train_run" and run.job.state in ACTIVE:
        states |= {"models": "done", "train": "running", "evaluate": "waiting"}
    if states["split"] == "done" and states["models"] == "waiting":
        states["models"] = "open"
    if states["models"] in ("open", "done", "failed") and states["train"] == "waiting":
        states["train"] = "open"
    if states["evaluate"] == "done" and states["publish"] == "waiting":
        states["publish"] = "open"
    states["use"] = "open" if states["publish"] == "done" else "waiting"
    states["data"] = "done"  # a run begins with a dataset that was read
    for code in ("features", "split"):
        if states[code] == "waiting":
            states[code] = "open"  # the step itself says what it is waiting for
    return states


def steps_of(run: RunView) -> list[frame.Step]:
    """Return the steps for the stepper, with their addresses."""
    states, record = states_of(run), run.record
    drawn = []
    for step in STEPS:
        page, params = "walk", {"run": record.id, "step": step.code}
        if step.code == "data":
            page, params = "dataset", {"id": record.dataset_id}
        drawn.append(
            frame.Step(code=step.code, title=step.title(), state=states[step.code], page=page, params=params)
        )
    return drawn


def step_head(title: str, caption: str = "") -> DeltaGenerator:
    """Draw a step's heading and return the place for its one primary action, on the right."""
    row = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="step-head"
    )
    with row:
        with st.container(gap="xxsmall", width="stretch"):
            st.subheader(title, anchor=False)
            if caption:
                st.caption(caption)
        return st.container(horizontal=True, width="content", gap="small", key="step-actions")


def next_button(run: RunView, code: str, label: str, *, disabled: bool = False) -> None:
    """Draw the step's one primary button: on to the step `code`."""
    if st.button(
        label, type="primary", icon=":material/arrow_forward:", key=f"next-{code}", disabled=disabled
    ):
        links.go("walk", run=run.record.id, step=code)


def prepared(here: Visit, run: RunView) -> bool:
    """Say whether the run's columns and rows are prepared; until then, draw what it is waiting for."""
    states = {step.name: step.state for step in run.steps}
    if states.get("split") == "done":
        return True
    job = run.job
    if job is None or job.state not in ACTIVE:
        _unprepared(here, run)
        return False

    def waiting() -> None:
        now = jobs.get_job(here.box, here.who, job.id)
        if now.state not in ACTIVE:
            st.rerun()
        told = "" if run.has_pictures else _("This takes seconds for most tables.")
        with cards.card("preparing", _("Looking at your data"), told):
            cards.progress(now.share, now.note)

    frame.live(waiting, every_s=LOOK_S, key="preparing")
    return False


def _unprepared(here: Visit, run: RunView) -> None:
    job = run.job
    if job is None or job.state in ("succeeded", "cancelled"):
        title, sentence = _("Not looked at yet"), _("This run has not looked at its data to the end.")
        with frame.empty_state(title, sentence, icon=":material/tune:", key="unprepared"):
            _prepare_button(here, run, _("Look at the data"))
        return
    frame.error_box(job.message or _("Looking at the data did not succeed."), job.remedy or "")
    _prepare_button(here, run, _("Try again"))


def _prepare_button(here: Visit, run: RunView, label: str) -> None:
    if st.button(label, icon=":material/refresh:", key="prepare-again", type="primary"):
        runs.prepare(here.box, here.who, run.record.id)
        st.rerun()


def locked(run: RunView) -> bool:
    """Say whether a job is at work on the run, so that nothing may be changed; draw why."""
    job = run.job
    if job is None or job.state not in ACTIVE:
        return False
    frame.notice(_("A job is at work on this run. You can change it again when it has ended, or cancel it."))
    return True
