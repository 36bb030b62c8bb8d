"""Step "train": watch the models being trained; nothing here keeps the work alive, so come and go as you like."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.ui import amounts, cards, charts, frame, tables
from app.ui.language import _, n_, tell
from app.ui.plain import plain, short
from app.ui.terms import metric_word, stopped_word
from app.ui.visit import Visit
from app.ui.walk import ways
from app.usecases import jobs, runs
from app.usecases.runs import LiveView, RunView
from engine.specs.report import LeaderboardRow
from store.jobs import JobRecord

_EVERY_S = 2.0
_ENDED_BADLY = ("failed", "lost", "cancelled")


def draw(here: Visit, run: RunView) -> None:
    """Show the training that runs, the one that ended, or how to start one."""
    if not ways.prepared(here, run):
        return
    job = run.job if run.job is not None and run.job.kind == "train_run" else None
    is_trained = any(step.name == "evaluation" and step.state == "done" for step in run.steps)
    if job is None and not is_trained:
        with frame.empty_state(
            _("Nothing has been trained yet"),
            _("Choose how long to train, or start with what is proposed."),
            icon=":material/model_training:",
            key="training",
        ):
            if st.button(_("Start training"), type="primary", icon=":material/play_arrow:", key="start-now"):
                runs.start_training(here.box, here.who, run.record.id)
                st.rerun()
        return
    is_active = job is not None and job.state in ways.ACTIVE
    told = _("You may close this page: the work goes on, and this address shows it again.")
    with ways.step_head(_("Training"), told if is_active else ""):
        if is_trained and not is_active:
            ways.next_button(run, "evaluate", _("Next: evaluation"))

    def watched() -> None:
        view = runs.live(here.box, here.who, run.record.id)
        if is_active and view.state not in ways.ACTIVE:
            st.rerun()
        _board(here, run, view, is_active=is_active)

    frame.live(watched, every_s=_EVERY_S if is_active else None, key="training")


def _board(here: Visit, run: RunView, view: LiveView, *, is_active: bool) -> None:
    job = run.job if run.job is not None and run.job.kind == "train_run" else None
    if is_active and job is not None:
        _working(here, job, view)
    elif job is not None and job.state in _ENDED_BADLY:
        _ended_badly(here, job)
    trained = [row for row in view.leaderboard if row.score is not None]
    if not trained and not view.curves:
        if is_active:
            st.caption(_("The first results appear here within seconds."))
        return
    _curves(run, view)
    _leaderboard(run, view, trained, is_active=is_active)
    if view.log:
        with st.expander(_("What happened"), icon=":material/notes:"):
            st.code("\n".join(tell(line) for line in view.log[-200:]), language=None, wrap_lines=True)


def _working(here: Visit, job: JobRecord, view: LiveView) -> None:
    with cards.card("progress"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            cards.state_badge(view.state)
            if st.button(_("Cancel"), icon=":material/stop_circle:", key="cancel-training"):
                jobs.cancel_job(here.box, here.who, job.id)
                st.rerun()
        cards.progress(view.share, view.note or view.step, seconds_left=view.seconds_left)


def _ended_badly(here: Visit, job: JobRecord) -> None:
    if job.state == "cancelled":
        frame.notice(_("The training was cancelled; finished models are kept."), icon=":material/block:")
    else:
        frame.error_box(job.message or _("The training was stopped."), job.remedy or "")
    if st.button(
        _("Go on from where it stopped"), icon=":material/refresh:", key="retry-training", type="primary"
    ):
        jobs.retry_job(here.box, here.who, job.id)
        st.rerun()


def _curves(run: RunView, view: LiveView) -> None:
    shown = {curve.candidate: curve for curve in view.curves if len(curve.x) > 1}
    if not shown:
        return
    told = (
        _("The lower, the better; dashed are training pictures.")
        if run.has_pictures
        else _("The lower, the better; dashed are training rows.")
    )
    with cards.card("curves", _("Learning curves"), told):
        names = list(shown)
        picked = st.pills(
            _("Model"),
            names,
            default=names[-1],
            format_func=lambda name: short(tell(shown[name].title), 40),
            key="curve-of",
            label_visibility="collapsed",
            required=True,
        )
        curve = shown.get(picked or "", shown[names[-1]])
        lines = [charts.Line(name=_("validation"), points=_points(curve.x, curve.valid))]
        if any(value is not None for value in curve.train):
            lines.append(charts.Line(name=_("training"), points=_points(curve.x, curve.train), dashed=True))
        st.caption(tell(curve.metric))
        charts.lines(
            lines,
            key="learning-curves",
            alt=_("How the model improves while it is trained"),
            x_name=tell(curve.x_title) or _("progress"),
        )


def _points(x: Sequence[float], y: Sequence[float | None]) -> list[tuple[float, float | None]]:
    return list(zip(x, y, strict=False))


def _leaderboard(run: RunView, view: LiveView, trained: Sequence[LeaderboardRow], *, is_active: bool) -> None:
    if not trained:
        return
    frame.section(
        _("Models so far") if is_active else _("Trained models"),
        n_("{n:,} model, best first.", "{n:,} models, best first.", len(trained)),
    )
    score = metric_word(view.metric) if view.metric else _("Score")
    on_valid = _("On validation pictures.") if run.has_pictures else _("On validation rows.")
    on_train = _("On training pictures") if run.has_pictures else _("On training rows")
    tables.table(
        [
            tables.TableColumn(title=_("Model")),
            tables.TableColumn(title=score, kind="number", digits="%.5g", help=on_valid),
            tables.TableColumn(title=on_train, kind="number", digits="%.5g"),
            tables.TableColumn(title=_("Time"), kind="text"),
            tables.TableColumn(title=_("Ended")),
            tables.TableColumn(title=_("In the published model"), kind="share"),
        ],
        [
            (
                tell(row.title),
                row.score,
                row.train_score,
                amounts.seconds(row.seconds),
                stopped_word(row.stopped),
                row.weight if row.is_chosen else None,
            )
            for row in trained
        ],
        key="leaderboard",
        alt=_("Trained models with their scores"),
    )
    refused = [row for row in view.leaderboard if row.refused]
    if refused:
        with st.expander(_("Not tried"), icon=":material/block:"):
            for row in refused:
                st.markdown(f"**{plain(tell(row.title))}** — {plain(tell(row.refused or ''), 400)}")
