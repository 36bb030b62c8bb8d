"""Start page: what exists, what runs, and what to do next."""

from __future__ import annotations

import streamlit as st

from app.ui import amounts, links
from app.ui.brand import draw_mark
from app.ui.cards import Figure, card, figures, progress, state_badge
from app.ui.frame import head, live, section
from app.ui.language import _, n_, tell
from app.ui.plain import plain
from app.ui.tables import row, rows
from app.ui.terms import metric_word
from app.ui.visit import Visit, visit
from app.ui.work import job_label, kind_icon
from app.usecases.home import Overview, overview
from app.usecases.subjects import Jump, where


def main() -> None:
    """Draw the page."""
    here = visit()
    seen = overview(here.box, here.who)
    if seen.next_step == "upload" and not seen.active:
        _welcome()
        return
    head(
        _("Welcome back, {name}").format(name=plain(here.who.display, 40)),
        _("What is there, what is running, and what comes next."),
    )
    figures(
        [
            Figure(label=_("Datasets"), value=amounts.count(seen.datasets)),
            Figure(label=_("Runs"), value=amounts.count(seen.runs)),
            Figure(label=_("Models"), value=amounts.count(seen.models)),
            Figure(label=_("Live services"), value=amounts.count(seen.services_live)),
        ]
    )
    _next_step(seen)
    if seen.active:
        section(_("Running now"))
        live(lambda: _running(here, len(seen.active)), every_s=2.0, key="home-live")
    _troubles(seen)
    left, right = st.columns(2, gap="medium")
    with left:
        _recent_datasets(seen)
    with right:
        _recent_runs(seen)


def _welcome() -> None:
    """Draw the first start: one sentence, one button, and what will happen."""
    with st.container(horizontal_alignment="center", gap="small", key="hero"):
        st.space("medium")
        draw_mark()
        st.title(_("From a table to a model that answers"), anchor=False, text_alignment="center")
        st.markdown(
            _("Bring a table and say which column you want to know. AI Mass does the rest, and explains each step."),
            text_alignment="center",
        )  # fmt: skip
        st.space("xsmall")
        if st.button(
            _("Upload your first table"), type="primary", icon=":material/upload:", key="first-upload"
        ):
            links.go("datasets")
        st.space("large")
    steps = (
        ("upload", ":material/table_chart:", _("Bring a table"),
         _("A CSV, Excel or Parquet file, as it is. Columns, dates and missing values are recognised.")),
        ("learn", ":material/model_training:", _("Watch it learn"),
         _("Several kinds of model compete on your data, and rows set aside tell honestly how good they are.")),
        ("use", ":material/chat_bubble:", _("Ask it"),
         _("The best one becomes a service: a form for people, an address and a key for programs.")),
    )  # fmt: skip
    with st.grid(3, min_column_width=220):
        for key, icon, title, sentence in steps:
            with card(f"welcome-{key}"), st.container(gap="xsmall"):
                with st.container(key=f"welcome-icon-{key}"):
                    st.markdown(f":primary[{icon}]")
                st.markdown(f"**{title}**")
                st.caption(sentence)


def _next_step(seen: Overview) -> None:
    """Draw the one thing to do next."""
    if seen.next_step == "train":
        newest = next((d for d in seen.recent_datasets if d.state == "ready"), None)
        if newest is None:
            return
        words = (
            _("Train your first model"),
            _("{name} is ready to learn from.").format(name=plain(newest.name)),
        )
        target = ("dataset", {"id": newest.id})
    elif seen.next_step == "publish" and seen.recent_runs:
        run = seen.recent_runs[0]
        words = _("Finish your run"), _("{name} waits for you.").format(name=plain(run.name))
        target = ("walk", {"run": run.id})
    elif seen.next_step == "deploy":
        words = _("Put a model to work"), _("A published model can answer people and programs as a service.")
        target = ("models", {})
    else:
        words = (
            _("Ask a service"),
            _("Your services are live: ask one for an answer, or train on newer data."),
        )
        target = ("services", {}) if seen.services_live else ("datasets", {})
    with card("next"), st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):  # fmt: skip
        with st.container(gap="xxsmall", width="stretch"):
            st.subheader(words[0], anchor=False)
            st.caption(words[1])
        if st.button(
            _("Go on"), type="primary", icon=":material/arrow_forward:", icon_position="right", key="next"
        ):
            links.go(target[0], **target[1])


def _running(here: Visit, drawn: int) -> None:
    """Draw what is running; a full run when something began or ended."""
    active = overview(here.box, here.who).active
    if len(active) != drawn:
        st.rerun()
    with rows("active"):
        for job in active:
            with row(
                f"active-{job.id}", job_label(job), to="job", params={"id": job.id},
                caption=plain(tell(job.note), 160), icon=kind_icon(job.kind),
            ):  # fmt: skip
                if job.share is not None:
                    with st.container(width=180):
                        progress(job.share)
                state_badge(job.state)


def _troubles(seen: Overview) -> None:
    """Draw what failed and was not mended yet."""
    if not seen.failed:
        return
    section(_("Needs a look"))
    with rows("troubles"):
        for job in seen.failed:
            place = where(job) or Jump(page="job", params={"id": job.id})
            with row(
                f"trouble-{job.id}", job_label(job), to=place.page, params=place.params,
                caption=plain(tell(job.message), 200), icon=kind_icon(job.kind),
            ):  # fmt: skip
                state_badge(job.state)


def _recent_datasets(seen: Overview) -> None:
    section(_("Latest datasets"))
    with rows("datasets"):
        for item in seen.recent_datasets:
            facts = amounts.ago(item.created_at)
            if item.rows is not None:
                facts = f"{n_('{n:,} row', '{n:,} rows', item.rows)} · {facts}"
            with row(
                f"dataset-{item.id}", plain(item.name), to="dataset", params={"id": item.id}, caption=facts
            ):
                if item.state != "ready":
                    state_badge(item.state)


def _recent_runs(seen: Overview) -> None:
    section(_("Latest runs"))
    if not seen.recent_runs:
        with card("no-runs", fill=False):
            st.caption(_("No run yet. Open a dataset and train a model on it."))
        return
    with rows("runs"):
        for item in seen.recent_runs:
            facts = f"{_('predicts {column}').format(column=plain(item.target, 40))} · {amounts.ago(item.updated_at)}"
            with row(f"run-{item.id}", plain(item.name), to="walk", params={"run": item.id}, caption=facts):
                if item.score is not None and item.metric is not None:
                    st.markdown(f"**{plain(metric_word(item.metric))} {amounts.number(item.score, 3)}**")


main()
