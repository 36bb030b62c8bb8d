"""Step "features": how each column becomes something a model can learn from."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui import amounts, frame, links
from app.ui.columns import semantic_word
from app.ui.language import _, n_, tell
from app.ui.plain import plain, short
from app.ui.visit import Visit
from app.ui.walk import picture_features, unsaved, ways
from app.usecases import runs
from app.usecases.picture_plan import PicturePlan, change_side, picture_plan
from app.usecases.runs import PlanView, RunView
from engine.specs.features import FeaturePlan

#: A table of more columns than these scrolls.
_ROWS_SHOWN = 16
_HEIGHT_PX = 560


def draw(here: Visit, run: RunView) -> None:
    """Propose the columns the model may read, each with its reason; a person switches them on and off."""
    if not ways.prepared(here, run):
        return
    view = runs.feature_plan(here.box, here.who, run.record.id)
    if view.plan is None or view.schema is None:
        return
    pictures = picture_plan(here.box, here.who, run.record.id)
    place = ways.step_head(_("Features"), _caption(view.plan, pictures))
    _leaks(view)
    is_locked = ways.locked(run)
    side = None
    if pictures is None:
        wanted = _editor(run, view, is_locked=is_locked)
    else:
        chosen = picture_features.side_of(run, pictures, is_locked=is_locked)
        side = chosen if chosen != pictures.side else None
        wanted = _beside(run, view, is_locked=is_locked)
    changes = {
        choice.column: wanted[choice.column]
        for choice in view.plan.columns
        if wanted.get(choice.column, choice.use) != choice.use
    }
    unsaved.settle(run, is_changed=bool(changes) or side is not None)
    if changes or side is not None:
        _offer_save(here, run, changes, side, place)
    else:
        with place:
            ways.next_button(run, "split", _("Next: split"))
    if pictures is not None and side is None:
        picture_features.varied(here, run, pictures)


def _caption(plan: FeaturePlan, pictures: PicturePlan | None) -> str:
    if pictures is not None:
        return _("Models see every picture as {side} × {side} pixels, whatever size comes in.").format(
            side=pictures.side
        )
    used = len(plan.used_columns)
    return (
        n_("{n:,} column is read by the model.", "{n:,} columns are read by the model.", used)
        + " "
        + _("Switch off what will not be known when the model is asked.")
    )


def _beside(run: RunView, view: PlanView, *, is_locked: bool) -> dict[str, bool]:
    """Draw the columns of a set of pictures, folded: what is measured of a picture is in it already."""
    with st.expander(_("Columns beside the picture"), icon=":material/view_column:"):
        st.caption(
            _(
                "Networks see the picture alone. Other kinds of model learn from the columns that are switched on."
            )
        )
        return _editor(run, view, is_locked=is_locked)


def _leaks(view: PlanView) -> None:
    used = set(view.plan.used_columns) if view.plan else set()
    left_out = [leak for leak in view.leaks if leak.column not in used]
    if not left_out:
        return
    with st.container(border=True, key="card-leaks", gap="xsmall"):
        st.markdown(f":material/visibility_off: **{_('Left out, though the file has them')}**")
        for leak in left_out:
            st.markdown(plain(tell(leak.message), 500))
        # The column that names the sets comes back by no switch.
        if any(leak.kind != "set" for leak in left_out):
            st.caption(
                _("If one of them is known before the answer is, and means something, switch it on below.")
            )


def _editor(run: RunView, view: PlanView, *, is_locked: bool) -> dict[str, bool]:
    """Draw the table of columns and return column → whether it is wanted."""
    profiles = view.profile.by_name if view.profile else {}
    leaking = {leak.column: leak.message for leak in view.leaks}
    choices = view.plan.columns if view.plan else ()
    kinds = (
        {column.name: semantic_word(column.semantic) for column in view.schema.columns} if view.schema else {}
    )
    rows: dict[str, list[Any]] = {"use": [], "column": [], "kind": [], "missing": [], "link": [], "why": []}
    for choice in choices:
        profile = profiles.get(choice.column)
        rows["use"].append(choice.use)
        rows["column"].append(short(choice.column))
        rows["kind"].append(kinds.get(choice.column, ""))
        rows["missing"].append(profile.missing / profile.rows if profile and profile.rows else 0.0)
        rows["link"].append(profile.target_link.value if profile and profile.target_link else None)
        rows["why"].append(short(tell(leaking.get(choice.column, choice.reason)), 300))
    edited = st.data_editor(
        rows,
        hide_index=True,
        disabled=True if is_locked else ["column", "kind", "missing", "link", "why"],
        height="content" if len(choices) <= _ROWS_SHOWN else _HEIGHT_PX,
        key=f"plan-{run.record.id}-{unsaved.base_of(run)}",
        alt=_("The columns, whether each is used, and why"),
        column_config=_looks(),
    )
    return {choice.column: bool(use) for choice, use in zip(choices, edited["use"], strict=True)}


def _looks() -> dict[str, Any]:
    columns = st.column_config
    return {
        "use": columns.CheckboxColumn(_("Use"), width="small"),
        "column": columns.TextColumn(_("Column")),
        "kind": columns.TextColumn(_("Holds"), width="small"),
        "missing": columns.ProgressColumn(
            _("Missing"), format="percent", min_value=0.0, max_value=1.0, width="small"
        ),
        "link": columns.ProgressColumn(
            _("Goes with the answer"),
            help=_("How strongly this column alone goes with what is predicted: 0 not at all, 1 entirely."),
            format="%.2f",
            min_value=0.0,
            max_value=1.0,
        ),
        "why": columns.TextColumn(_("Proposed because"), width="large"),
    }


def _offer_save(
    here: Visit, run: RunView, changes: dict[str, bool], side: int | None, place: DeltaGenerator
) -> None:
    """Say what is not saved yet; the primary button saves it and goes on, so that nothing is left behind unsaved."""
    on, off = sum(changes.values()), sum(not use for use in changes.values())
    with place:
        is_onward = st.button(
            _("Save and go on"), type="primary", icon=":material/arrow_forward:", key="save-next"
        )
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="right", key="save-features"
    ):
        told = _("{on} switched on, {off} switched off. Later steps are done again.") if changes else ""
        st.caption(
            told.format(on=amounts.count(on), off=amounts.count(off))
            or _("Another size. Later steps are done again.")
        )
        is_saved = st.button(_("Save changes"), icon=":material/save:", key="save-plan")
    if is_onward or is_saved:
        with frame.guard():
            revision = unsaved.base_of(run)
            if side is not None:
                revision = change_side(
                    here.box, here.who, run.record.id, revision=revision, side=side
                ).revision
            if changes:
                runs.edit_plan(here.box, here.who, run.record.id, revision=revision, use=changes)
            runs.prepare(here.box, here.who, run.record.id)
            unsaved.forget(run)
            links.go("walk", run=run.record.id, step="split" if is_onward else "features")
