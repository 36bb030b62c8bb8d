"""Step "models": which kinds of model are tried, for how long, and what decides between them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import streamlit as st

from app.ui import amounts, frame, links
from app.ui.language import _, tell
from app.ui.plain import plain
from app.ui.visit import Visit
from app.ui.walk import decides, dials, recommended, unsaved, ways
from app.usecases import runs
from app.usecases.runs import ChoicesView, FamilyChoice, RunView
from engine.families import baseline
from engine.specs.search import SAMPLERS

#: Offered training times in seconds.
TIMES_S = (30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400)


def draw(here: Visit, run: RunView) -> None:
    """Propose families, time and metric; the button saves what was changed and starts the training."""
    if not ways.prepared(here, run):
        return
    view = runs.choices(here.box, here.who, run.record.id)
    is_locked = ways.locked(run)
    place = ways.step_head(
        _("Models"),
        _("Several kinds of network are trained; the best ones on validation pictures are published.")
        if run.has_pictures
        else _("Several kinds of model are trained; the best ones on validation rows are published."),
    )
    recommended.draw(here, run, view)
    left, right = st.columns(2, gap="medium")
    with left:
        time_s = _time(run, view, is_locked=is_locked)
    with right:
        wanted = decides.draw(run, view, is_locked=is_locked)
    searches = _search(run, is_locked=is_locked)
    families = _families(run, view, is_locked=is_locked)
    by_hand = dials.draw(run, view, is_locked=is_locked)
    if time_s != view.time_limit_s:
        wanted["time_limit_s"] = float(time_s)
    if searches != (run.spec.search is not None):
        wanted["search"] = SAMPLERS[0] if searches else None
    if _by_hand(families) != _by_hand(run.spec.families):
        wanted["families"] = families
    if by_hand != dict(run.spec.params):
        wanted["params"] = by_hand
    unsaved.settle(run, is_changed=bool(wanted))
    is_trained = any(step.name == "training" and step.state == "done" for step in run.steps)
    is_empty = families is not None and not families
    with place:
        if is_trained and not wanted:
            ways.next_button(run, "train", _("Next: training"))
        elif st.button(
            _("Train again") if is_trained else _("Start training"),
            type="primary",
            icon=":material/play_arrow:",
            key="start-training",
            disabled=is_locked or is_empty,
        ):
            _start(here, run, wanted)
    if is_empty:
        frame.notice(_("Choose at least one kind of model."))
    elif wanted and is_trained:
        frame.notice(
            _("With these changes the models are trained again; the old ones of this run are removed.")
        )


def _time(run: RunView, view: ChoicesView, *, is_locked: bool) -> float:
    times: Sequence[float] = sorted({*TIMES_S, view.time_limit_s})
    return float(
        st.select_slider(
            _("Time for the whole run"),
            times,
            value=view.time_limit_s,
            format_func=amounts.seconds,
            key=f"time-limit-{_state(run)}",
            disabled=is_locked,
            help=_("More time tries more and larger networks. A few minutes are enough for a first look.")
            if run.has_pictures
            else _("More time tries more and larger models. A minute is enough for a first look."),
        )
    )


def _search(run: RunView, *, is_locked: bool) -> bool:
    return bool(
        st.toggle(
            _("Search for better settings while time is left"),
            value=run.spec.search is not None,
            key=f"search-{_state(run)}",
            disabled=is_locked,
            help=_(
                "Once the proposed models are trained, new settings are drawn from what did well so far. It pays with "
                "several minutes or more."
            ),
        )
    )


def _families(run: RunView, view: ChoicesView, *, is_locked: bool) -> tuple[str, ...] | None:
    by_data = st.toggle(
        _("Let the data decide which kinds of model to try"),
        value=run.spec.families is None,
        key=f"by-data-{_state(run)}",
        disabled=is_locked,
    )
    with st.grid(3, gap="small", min_column_width=240):
        picked = tuple(
            family.name
            for family in view.families
            if _family(run, family, by_data=by_data, is_locked=is_locked)
        )
    return None if by_data else tuple(name for name in picked if name != baseline.FAMILY.name)


def _family(run: RunView, family: FamilyChoice, *, by_data: bool, is_locked: bool) -> bool:
    is_always = family.name == baseline.FAMILY.name
    with st.container(border=True, height="stretch", key=f"card-family-{family.name}", gap="xsmall"):
        chosen = st.checkbox(
            f"**{plain(tell(family.title))}**",
            value=family.selected,
            key=f"family-{family.name}-{_state(run)}-{by_data}",
            disabled=is_locked or by_data or is_always or family.refused is not None,
            help=_("It is always trained: the others are measured against it.") if is_always else None,
        )
        st.caption(plain(tell(family.summary), 300))
        if family.refused is not None:
            st.caption(f":material/block: {plain(tell(family.refused), 400)}")
        elif family.why:
            st.caption(f":material/lightbulb: {plain(tell(family.why), 300)}")
        return bool(chosen)


def _by_hand(families: Collection[str] | None) -> frozenset[str] | None:
    """Return the families that somebody named; the baseline is trained in any case."""
    return None if families is None else frozenset(families) - {baseline.FAMILY.name}


def _state(run: RunView) -> str:
    return f"{run.record.id}-{unsaved.base_of(run)}"


def _start(here: Visit, run: RunView, wanted: dict[str, Any]) -> None:
    with frame.guard():
        if wanted:
            runs.change_run(here.box, here.who, run.record.id, revision=unsaved.base_of(run), **wanted)
            unsaved.forget(run)
        runs.start_training(here.box, here.who, run.record.id)
        links.go("walk", run=run.record.id, step="train")
