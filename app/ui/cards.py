"""Cards, figures, facts, states and progress: what a page's facts are shown with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui import amounts
from app.ui.language import _, tell
from app.ui.plain import plain

Color = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "primary"]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number that matters.   value: ready to read.   note: a few words below it.   help: what it means.

    trend: a small line below, oldest first.   All texts are shown as text.
    """

    label: str
    value: str
    note: str = ""
    help: str = ""
    trend: Sequence[float] = ()


@dataclass(frozen=True, kw_only=True)
class _Look:
    label: Callable[[], str]
    icon: str
    color: Color


_STATES: Mapping[str, _Look] = {
    "queued": _Look(label=lambda: _("Waiting"), icon=":material/hourglass_empty:", color="gray"),
    "running": _Look(label=lambda: _("Running"), icon=":material/progress_activity:", color="blue"),
    "succeeded": _Look(label=lambda: _("Done"), icon=":material/check:", color="green"),
    "failed": _Look(label=lambda: _("Failed"), icon=":material/error:", color="red"),
    "cancelled": _Look(label=lambda: _("Cancelled"), icon=":material/block:", color="gray"),
    "lost": _Look(label=lambda: _("Lost"), icon=":material/heart_broken:", color="red"),
    "importing": _Look(label=lambda: _("Importing"), icon=":material/progress_activity:", color="blue"),
    "ready": _Look(label=lambda: _("Ready"), icon=":material/check:", color="green"),
    "live": _Look(label=lambda: _("Live"), icon=":material/bolt:", color="green"),
    "stopped": _Look(label=lambda: _("Stopped"), icon=":material/stop_circle:", color="gray"),
    "withdrawn": _Look(label=lambda: _("Withdrawn"), icon=":material/block:", color="gray"),
    "open": _Look(label=lambda: _("Open"), icon=":material/edit:", color="gray"),
}


def figures(items: Sequence[Figure], *, columns: int = 4) -> None:
    """Draw numbers as bordered cards of equal height, `columns` in a row where there is room."""
    with st.grid(columns, gap="small", min_column_width=150):
        for item in items:
            st.metric(
                plain(item.label),
                item.value,
                delta=item.note or None,
                delta_color="off",
                delta_arrow="off",
                help=plain(item.help, 400) or None,
                border=True,
                height="stretch",
                chart_data=list(item.trend) or None,
                chart_type="area",
            )


def card(key: str, title: str = "", caption: str = "", *, fill: bool = True) -> DeltaGenerator:
    """Return a bordered card.   key: language-free, one per page.   Texts: markdown.   fill: as high as its row."""
    box = st.container(border=True, height="stretch" if fill else "content", key=f"card-{key}")
    if title:
        with box.container(gap="xxsmall"):
            st.subheader(title, anchor=False)
            if caption:
                st.caption(caption)
    return box


def facts(pairs: Sequence[tuple[str, str]], *, key: str, columns: int = 4) -> None:
    """Draw names above their values, without borders.   pairs: (name, value), shown as text."""
    with st.grid(columns, gap="medium", min_column_width=140):
        for number, (name, value) in enumerate(pairs):
            with st.container(key=f"fact-{key}-{number}"):
                st.caption(plain(name))
                st.markdown(plain(value, 300) or "–")


def state_badge(state: str) -> None:
    """Draw the state of a job, dataset, run or service as a small coloured word with an icon."""
    look = _STATES.get(state)
    if look is None:
        st.badge(plain(state), color="gray")
    else:
        st.badge(look.label(), icon=look.icon, color=look.color)


def state_word(state: str) -> str:
    """Return the word for a state in the reader's language."""
    look = _STATES.get(state)
    return look.label() if look else state


def progress(share: float | None, note: object = "", *, seconds_left: float | None = None) -> None:
    """Draw how far work has come.   share: 0 … 1, None where nobody knows.   note: a sentence of ours."""
    parts = [plain(tell(note), 200)] if note else []
    if share is not None:
        parts.append(amounts.share(min(1.0, max(0.0, share))))
    if seconds_left is not None:
        parts.append(_("{time} left").format(time=amounts.seconds(seconds_left)))
    st.progress(min(1.0, max(0.0, share or 0.0)), text=" · ".join(parts) or _("Working …"))


def toast(sentence: str, icon: str = ":material/check_circle:") -> None:
    """Say shortly that something was done.   sentence: markdown."""
    st.toast(sentence, icon=icon)
