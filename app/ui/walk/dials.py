"""On the step "models": settings of single kinds of model, in place of what is proposed for the data."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.ui.language import _, tell
from app.ui.plain import plain
from app.ui.walk import unsaved
from app.usecases.runs import ChoicesView, FamilyChoice, RunView
from engine.specs.params import Param


def draw(run: RunView, view: ChoicesView, *, is_locked: bool) -> dict[str, Any]:
    """Draw the dials of one kind of model at a time; return all that are set: "family.param" → value."""
    state = f"{run.record.id}-{unsaved.base_of(run)}"
    # Dials of kinds that are not drawn now stay set, so they are kept apart from the widgets.
    by_hand: dict[str, Any] = st.session_state.setdefault(f"dials-{state}", dict(run.spec.params))
    families = {one.name: one for one in view.families if one.params and one.refused is None}
    if not families:
        return by_hand
    with st.expander(_("Settings of single kinds of model"), icon=":material/tune:"):
        name = st.selectbox(
            _("Kind of model"),
            list(families),
            format_func=lambda one: plain(tell(families[one].title), 80),
            key=f"dials-family-{state}",
        )
        st.caption(_("What is left empty is chosen for the data. The grey value is what is proposed now."))
        with st.grid(3, gap="small", min_column_width=240):
            for param in families[name].params:
                dial = f"{name}.{param.name}"
                value = _dial(
                    families[name], param, by_hand.get(dial), key=f"{dial}-{state}", is_locked=is_locked
                )
                if value is None:
                    by_hand.pop(dial, None)
                else:
                    by_hand[dial] = value
    if by_hand:
        told = ", ".join(f"{plain(dial, 60)} = {value}" for dial, value in sorted(by_hand.items()))
        st.caption(":material/tune: " + _("Set by hand: {settings}").format(settings=told))
    return dict(by_hand)


def _dial(family: FamilyChoice, param: Param, value: Any, *, key: str, is_locked: bool) -> Any:
    """Draw one dial; return its value, None where it is left to the data."""
    label = param.name.replace("_", " ") + (f" ({tell(param.unit)})" if param.unit else "")
    proposed = (
        family.candidates[0].params.get(param.name, param.default) if family.candidates else param.default
    )
    shown = f"{proposed:g}" if isinstance(proposed, float) else str(proposed)
    if param.kind in ("bool", "choice"):
        every = (True, False) if param.kind == "bool" else param.choices
        return st.selectbox(
            label,
            every,
            index=every.index(value) if value in every else None,
            format_func=str,
            placeholder=shown,
            help=tell(param.help),
            key=key,
            disabled=is_locked,
        )
    if param.kind == "int":
        return st.number_input(
            label,
            min_value=None if param.low is None else int(param.low),
            max_value=None if param.high is None else int(param.high),
            value=value,
            step=1,
            placeholder=shown,
            help=tell(param.help),
            key=key,
            disabled=is_locked,
        )
    return st.number_input(
        label,
        min_value=None if param.low is None else float(param.low),
        max_value=None if param.high is None else float(param.high),
        value=None if value is None else float(value),
        format="%g",
        placeholder=shown,
        help=tell(param.help),
        key=key,
        disabled=is_locked,
    )
