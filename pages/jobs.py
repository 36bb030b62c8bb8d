"""All background work: what runs, what waits, what became of the rest."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from app.ui import amounts
from app.ui.cards import progress, state_badge, state_word
from app.ui.frame import empty_state, head, live
from app.ui.language import _, tell
from app.ui.plain import plain
from app.ui.tables import PAGE_ROWS, page_offset, pager, row, rows
from app.ui.visit import Visit, visit
from app.ui.work import JobState, job_label, kind_icon
from app.usecases.jobs import list_jobs

FILTERS: tuple[JobState | Literal["all"], ...] = (
    "all",
    "running",
    "queued",
    "succeeded",
    "failed",
    "cancelled",
    "lost",
)
ACTIVE: tuple[JobState, ...] = ("running", "queued")
_REFRESH_S = 2.0


def main() -> None:
    """Draw the page."""
    here = visit()
    head(_("Jobs"), _("Everything that works in the background. It goes on when you close this page."))
    chosen = st.segmented_control(
        _("State"), FILTERS, default="all", key="state", required=True, label_visibility="collapsed",
        format_func=lambda code: _("All") if code == "all" else state_word(code), bind="query-params",
    )  # fmt: skip
    state = None if chosen is None or chosen == "all" else chosen
    busy = any(list_jobs(here.box, here.who, state=code, limit=1).total for code in ACTIVE)
    live(lambda: _list(here, state, busy), every_s=_REFRESH_S if busy else None, key="jobs-live")


def _list(here: Visit, state: JobState | None, busy: bool) -> None:
    page = list_jobs(here.box, here.who, state=state, limit=PAGE_ROWS, offset=page_offset(key="page"))
    if not page.items:
        empty_state(
            _("No work yet") if state is None else _("Nothing here"),
            _("Reading files, training models and long predictions show up here."),
            icon=":material/pending_actions:", key="jobs",
        )  # fmt: skip
    else:
        with rows("jobs"):
            for job in page.items:
                times = [amounts.ago(job.created_at)]
                if job.started_at and job.finished_at:
                    took = amounts.seconds((job.finished_at - job.started_at).total_seconds())
                    times.append(_("took {time}").format(time=took))
                if job.state in ("failed", "lost") and job.message:
                    times.append(plain(tell(job.message), 120))
                with row(
                    job.id, job_label(job), to="job", params={"id": job.id}, caption=" · ".join(times),
                    icon=kind_icon(job.kind),
                ):  # fmt: skip
                    if job.state == "running" and job.share is not None:
                        with st.container(width=180):
                            progress(job.share)
                    state_badge(job.state)
        pager(page.total, key="page")
    kept = _(
        "Finished work is kept for {jobs} days, answers for {answers}; what a dataset or run shows stays."
    )
    days = here.box.serve.keep_jobs_days, here.box.serve.keep_answers_days
    st.caption(kept.format(jobs=amounts.number(days[0]), answers=amounts.number(days[1])))
    if busy and not any(list_jobs(here.box, here.who, state=code, limit=1).total for code in ACTIVE):
        st.rerun()


main()
