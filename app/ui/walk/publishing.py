"""Step "publish": one proven file, under a name."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.ui import amounts, cards, frame, links, tables
from app.ui.language import _
from app.ui.plain import plain
from app.ui.visit import Visit
from app.ui.walk import ways
from app.usecases import jobs, models, runs
from app.usecases.naming import MOST_DESCRIPTION_LETTERS, MOST_SLUG_LETTERS, slug_of
from app.usecases.runs import RunView
from store.models import Model, ModelVersion


def draw(here: Visit, run: RunView) -> None:
    """Publish the model of this run, watch it being proven, or see what was published."""
    states = ways.states_of(run)
    if states["evaluate"] != "done":
        with frame.empty_state(
            _("Nothing to publish yet"),
            _("A model is published after it was trained and judged."),
            icon=":material/deployed_code:",
            key="publish",
        ):
            ways.next_button(run, "train", _("Go to the training"))
        return
    job = run.job if run.job is not None and run.job.kind == "publish_run" else None
    if job is not None and job.state in ways.ACTIVE:
        _wait(here, run, job.id)
        return
    ways.step_head(
        _("Publishing"),
        _(
            "The whole way from a picture of any size to the answer becomes one file, and proves that it answers as "
            "trained."
        )
        if run.has_pictures
        else _(
            "The whole way from raw columns to the answer becomes one file, and proves that it answers as trained."
        ),
    )
    if job is not None and job.state == "cancelled":
        frame.notice(_("Publishing was cancelled."), icon=":material/block:")
    elif job is not None and job.state != "succeeded":
        frame.error_box(job.message or _("Publishing did not succeed."), job.remedy or "")
    published = models.published_from(here.box, here.who, run.record.id)
    if not published:
        _form(here, run)
        return
    _published(published)
    with st.expander(_("Publish under another name"), icon=":material/publish:"):
        _form(here, run)


def _wait(here: Visit, run: RunView, job_id: str) -> None:
    def waiting() -> None:
        now = jobs.get_job(here.box, here.who, job_id)
        if now.state not in ways.ACTIVE:
            st.rerun()
        told = (
            _("The file is compared with the trained model, picture by picture.")
            if run.has_pictures
            else _("The file is compared with the trained model, row by row.")
        )
        with cards.card("publishing", _("Publishing"), told):
            cards.progress(now.share, now.note)

    frame.live(waiting, every_s=ways.LOOK_S, key="publishing")


def _published(versions: Sequence[tuple[Model, ModelVersion]]) -> None:
    with tables.rows("published"):
        for model, version in versions:
            with tables.row(
                f"published-{model.name}-{version.version}",
                _("{name}, version {version}").format(name=plain(model.name), version=version.version),
                to="model",
                params={"name": model.name, "version": str(version.version)},
                caption=f"{amounts.size(version.bytes)} · {amounts.ago(version.created_at)}",
                icon=":material/deployed_code:",
            ):
                st.badge(_("Published"), icon=":material/verified:", color="green")
    model, version = versions[0]
    if st.button(_("Open the model"), type="primary", icon=":material/arrow_forward:", key="open-model"):
        links.go("model", name=model.name, version=str(version.version))


def _form(here: Visit, run: RunView) -> None:
    with st.form(f"publish-{run.record.id}"):
        name = st.text_input(
            _("Name"),
            value=slug_of(run.record.dataset_name.rsplit(".", 1)[0]),
            max_chars=MOST_SLUG_LETTERS,
            key="publish-name",
            help=_("Small letters, digits and hyphens. A name that exists gets its next version."),
        )
        description = st.text_area(
            _("What it is for"), max_chars=MOST_DESCRIPTION_LETTERS, key="publish-description", height=96
        )
        if st.form_submit_button(_("Publish"), type="primary", icon=":material/publish:", key="publish-do"):
            with frame.guard():
                runs.publish(
                    here.box, here.who, run.record.id, name=name or "", description=description or ""
                )
                links.go("walk", run=run.record.id, step="publish")
