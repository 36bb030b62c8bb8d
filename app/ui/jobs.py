"""A job as a card: how far it is, why it ended, what it left."""

from __future__ import annotations

import streamlit as st

from app.ui import cards, frame, links
from app.ui.language import _, tell
from app.ui.plain import plain
from app.ui.visit import Visit
from app.usecases import jobs

ACTIVE = ("queued", "running")
_EVERY_S = 1.0


def job_card(here: Visit, job_id: str, *, download: str = "") -> None:
    """Draw a job, live while it works.   download: path of what it leaves, offered once it has succeeded."""
    is_active = jobs.get_job(here.box, here.who, job_id).state in ACTIVE

    def draw() -> None:
        job = jobs.get_job(here.box, here.who, job_id)
        if is_active and job.state not in ACTIVE:
            st.rerun()
        with cards.card(f"job-{job_id}"):
            with st.container(
                horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
            ):
                links.link("job", plain(tell(job.title), 160), id=job_id)
                cards.state_badge(job.state)
            if job.state in ACTIVE:
                cards.progress(job.share, job.note)
            elif job.state == "succeeded" and download:
                st.link_button(_("Download"), download, icon=":material/download:", type="primary")
            elif job.message:
                frame.error_box(job.message, job.remedy)

    frame.live(draw, every_s=_EVERY_S if is_active else None, key=f"job-{job_id}")
