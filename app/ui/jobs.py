"""Jobs as cards: how far each is, why it ended, what it left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app.ui import amounts, cards, frame, links
from app.ui.language import _, tell
from app.ui.plain import plain
from app.ui.visit import Visit
from app.usecases import jobs
from app.usecases.refusals import NotFound
from store.jobs import JobRecord

ACTIVE = ("queued", "running")
_EVERY_S = 1.0


def job_cards(
    here: Visit, found: Sequence[JobRecord], *, key: str, download: Callable[[JobRecord], str]
) -> None:
    """Draw jobs below each other, live while one of them works.

    key: language-free, one per page.   download: a job that has succeeded → path of what it leaves.
    """
    is_busy = any(job.state in ACTIVE for job in found)

    def draw() -> None:
        now = [job for one in found if (job := _look(here, one.id)) is not None]
        if is_busy and [job.state for job in now] != [job.state for job in found]:
            st.rerun()
        for job in now:
            _card(job, download(job))

    frame.live(draw, every_s=_EVERY_S if is_busy else None, key=f"jobs-{key}")


def _look(here: Visit, job_id: str) -> JobRecord | None:
    try:
        return jobs.get_job(here.box, here.who, job_id)
    except NotFound:
        return None  # somebody has deleted it


def _card(job: JobRecord, download: str) -> None:
    with cards.card(f"job-{job.id}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(gap=None, width="stretch"):
                links.link("job", plain(tell(job.title), 160), id=job.id)
                st.caption(amounts.ago(job.created_at))
            if job.state == "succeeded" and download:
                st.link_button(_("Download"), download, icon=":material/download:", key=f"fetch-{job.id}")
            cards.state_badge(job.state)
        if job.state in ACTIVE:
            cards.progress(job.share, job.note)
        elif job.state != "succeeded" and job.message:
            frame.error_box(job.message, job.remedy)
