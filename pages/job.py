"""One job: how far it is, what it says, and what can be done about it."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from app.ui import amounts, links
from app.ui.cards import card, facts, progress, state_badge
from app.ui.frame import asked, error_box, head, live
from app.ui.language import _, tell
from app.ui.plain import plain
from app.ui.visit import Visit, visit
from app.ui.work import kind_word
from app.usecases.jobs import cancel_job, get_job, log_tail, retry_job
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
        elif job.kind == "predict_file" and job.state == "succeeded":
            st.link_button(
                _("Download"), f"/download/jobs/{job.id}/answers", icon=":material/download:", type="primary"
            )
        jump = where(job)
        if jump is not None:
            links.link(jump.page, _("Open what it is about"), icon=":material/arrow_forward:", **jump.params)
    live(lambda: _draw(here, job.id, job.state), every_s=_REFRESH_S if active else None, key="job-live")


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
            ],
            key="job", columns=3,
        )  # fmt: skip
    if job.state in ("failed", "lost") and job.message:
        error_box(job.message, job.remedy)
    log = log_tail(here.box, here.who, job_id, lines=_LOG_LINES)
    with card("log", _("Log"), _("The last lines that the work has written.")):
        if log.strip():
            with st.container(height=380, autoscroll=job.state == "running", border=False):
                st.code(log, language=None, wrap_lines=True)
        else:
            st.caption(_("Nothing was written yet."))


main()
