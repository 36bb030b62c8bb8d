"""Step "models": which kinds of model are tried, for how long, and what decides between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.ui import amounts, frame, links
from app.ui.language import _, tell
from app.ui.plain import plain
from app.ui.visit import Visit
from app.ui.walk import ways
from app.usecases import runs
from app.usecases.runs import ChoicesView, FamilyChoice, RunView

#: Offered training times in seconds.
TIMES_S = (30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400)


def draw(here: Visit, run: RunView) -> None:
    """Propose families, time and metric; the button saves what was changed and starts the training."""
    if not ways.prepared(here, run):
        return
    view = runs.choices(here.box, here.who, run.record.id)
    is_locked = ways.locked(run)
    place = ways.step_head(
        _("Models"), _("Several kinds of model are trained; the best ones on validation rows are published.")
    )
    left, right = st.columns(2, gap="medium")
    with left:
        time_s = _time(view, is_locked=is_locked)
    with right:
        metric = _metric(view, is_locked=is_locked)
    families = _families(run, view, is_locked=is_locked)
    wanted: dict[str, Any] = {}
    if time_s != view.time_limit_s:
        wanted["time_limit_s"] = float(time_s)
    if metric != view.metric:
        wanted["metric"] = metric
    if families != run.spec.families:
        wanted["families"] = families
    with place:
        has_none = families is not None and not families
        if st.button(
            _("Start training"),
            type="primary",
            icon=":material/play_arrow:",
            key="start-training",
            disabled=is_locked or has_none,
        ):
            _start(here, run, wanted)
    if has_none:
        frame.notice(_("Choose at least one kind of model."))
    elif wanted and _is_trained(run):
        frame.notice(
            _("With these changes the models are trained again; the old ones of this run are removed.")
        )


def _time(view: ChoicesView, *, is_locked: bool) -> float:
    times: Sequence[float] = sorted({*TIMES_S, view.time_limit_s})
    return float(
        st.select_slider(
            _("Time for the whole run"),
            times,
            value=view.time_limit_s,
            format_func=amounts.seconds,
            key="time-limit",
            disabled=is_locked,
            help=_("More time tries more and larger models. A minute is enough for a first look."),
        )
    )


def _metric(view: ChoicesView, *, is_locked: bool) -> str:
    titles = dict(view.metrics)
    names = list(titles)
    return str(
        st.selectbox(
            _("What decides"),
            names,
            index=names.index(view.metric) if view.metric in names else 0,
            format_func=lambda name: tell(titles[name]),
            key="metric",
            disabled=is_locked,
            help=_("Models are compared by this figure on validation rows."),
        )
    )


def _families(run: RunView, view: ChoicesView, *, is_locked: bool) -> tuple[str, ...] | None:
    by_data = st.toggle(
        _("Let the data decide which kinds of model to try"),
        value=run.spec.families is None,
        key=f"by-data-{run.record.revision}",
        disabled=is_locked,
    )
    with st.grid(3, gap="small", min_column_width=240):
        picked = tuple(
            family.name
            for family in view.families
            if _family(run, family, by_data=by_data, is_locked=is_locked)
        )
    return None if by_data else picked


def _family(run: RunView, family: FamilyChoice, *, by_data: bool, is_locked: bool) -> bool:
    with st.container(border=True, height="stretch", key=f"card-family-{family.name}", gap="xsmall"):
        key = f"family-{family.name}-{run.record.revision}-{by_data}"
        chosen = st.checkbox(
            f"**{plain(tell(family.title))}**",
            value=family.selected,
            key=key,
            disabled=is_locked or by_data or family.refused is not None,
        )
        st.caption(plain(tell(family.summary), 300))
        if family.refused is not None:
            st.caption(f":material/block: {plain(tell(family.refused), 400)}")
        elif family.why:
            st.caption(f":material/lightbulb: {plain(tell(family.why), 300)}")
        return bool(chosen)


def _is_trained(run: RunView) -> bool:
    return any(step.name == "training" and step.state == "done" for step in run.steps)


def _start(here: Visit, run: RunView, wanted: dict[str, Any]) -> None:
    with frame.guard():
        if wanted:
            runs.change_run(here.box, here.who, run.record.id, revision=run.record.revision, **wanted)
        runs.start_training(here.box, here.who, run.record.id)
        links.go("walk", run=run.record.id, step="train")
