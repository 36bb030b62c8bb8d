"""One job: how far it is, what it says, and what can be done about it."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from app.ui import amounts, links
from app.ui.cards import card, facts, progress, state_badge
from app.ui.dialogs import confirm
from app.ui.frame import asked, error_box, head, live
from app.ui.language import _, tell
from app.ui.plain import plain
from app.ui.visit import Visit, visit
from app.ui.work import Job, kind_word
from app.usecases.expiry import answers_until, are_answers_over, job_until
from app.usecases.jobs import cancel_job, delete_job, get_job, log_tail, may_delete, retry_job
from app.usecases.subjects import where

ACTIVE = ("running", "queued")
_LOG_LINES = 200
_REFRESH_S = 1.0


def main() -> None:
    """Draw the page."""
    here = visit()
    job = get_job(here.box, here.who, asked("id"))
    active = job.state in ACTIVE
    with head(plain(tell(job.title), 160), kind_word(job.kind), back="jobs"):
        if active and job.cancel_requested_at is None:
            if st.button(_("Stop"), key="cancel", icon=":material/stop_circle:"):
                cancel_job(here.box, here.who, job.id)
                st.rerun()
        elif job.state in ("failed", "lost", "cancelled") and st.button(
            _("Try again"), key="retry", type="primary", icon=":material/refresh:"
        ):
            retry_job(here.box, here.who, job.id)
            st.rerun()
        elif job.kind == "predict_file" and job.state == "succeeded" and not are_answers_over(here.box, job):
            st.link_button(
                _("Download"), f"/download/jobs/{job.id}/answers", icon=":material/download:", type="primary"
            )
        if may_delete(here.box, here.who, job) and st.button(
            _("Delete"), key="delete", icon=":material/delete:"
        ):
            _delete(here, job)
        jump = where(job)
        if jump is not None:
            links.link(jump.page, _("Open what it is about"), icon=":material/arrow_forward:", **jump.params)
    live(lambda: _draw(here, job.id, job.state), every_s=_REFRESH_S if active else None, key="job-live")


def _delete(here: Visit, job: Job) -> None:
    def act() -> None:
        delete_job(here.box, here.who, job.id)
        links.go("jobs")

    sentence = (
        _("{name} goes with its log and the answers it made.")
        if job.kind == "predict_file"
        else _("{name} goes with its log.")
    )
    confirm(
        _("Delete this job?"), sentence.format(name=f"**{plain(tell(job.title), 160)}**"),
        act=act, verb=_("Delete"), key="sure-delete",
    )  # fmt: skip


def _answers(here: Visit, job: Job) -> None:
    """Say until when the answers of a file can be fetched."""
    until = answers_until(here.box, job)
    if until is not None and job.state == "succeeded":
        if are_answers_over(here.box, job):
            st.caption(
                _("The answers were kept until {when} and are gone.").format(when=amounts.moment(until))
            )
        else:
            st.caption(_("The answers can be fetched until {when}.").format(when=amounts.moment(until)))


def _kept(here: Visit, job: Job) -> str:
    """Say until when a job is kept."""
    if job.state in ACTIVE:
        return "–"
    until = job_until(here.box, job)
    return amounts.moment(until) if until else _("as long as what it is about")


def _draw(here: Visit, job_id: str, drawn: str) -> None:
    job = get_job(here.box, here.who, job_id)
    if job.state != drawn:
        st.rerun()
    with card("job"):
        state_badge(job.state)
        if job.state == "running":
            progress(job.share, job.note)
            if job.cancel_requested_at is not None:
                st.caption(_("It stops at the next safe place."))
        ended = job.finished_at or datetime.now(UTC)
        took = (ended - job.started_at).total_seconds() if job.started_at else None
        facts(
            [
                (_("Asked for"), amounts.moment(job.created_at)),
                (_("Began"), amounts.moment(job.started_at)),
                (_("Ended"), amounts.moment(job.finished_at)),
                (_("Time"), amounts.seconds(took)),
                (_("Attempt"), str(job.attempt)),
                (_("Number"), job.id),
                (_("Kept until"), _kept(here, job)),
            ],
            key="job", columns=3,
        )  # fmt: skip
        _answers(here, job)
    if job.state in ("failed", "lost") and job.message:
        error_box(job.message, job.remedy)
    log = log_tail(here.box, here.who, job_id, lines=_LOG_LINES)
    with card("log", _("Log"), _("The last lines that the work has written.")):
        if log.strip():
            with st.container(height=380, autoscroll=job.state == "running", border=False):
                st.code(log, language=None, wrap_lines=True)
        else:
            st.caption(_("Nothing was written yet.") if job.state in ACTIVE else _("It wrote nothing."))


main()
