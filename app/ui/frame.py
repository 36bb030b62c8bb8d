"""The frame of every page: its head, its steps, its empty state, and what stands there when something went wrong."""

from __future__ import annotations

import functools
import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.ui import links
from app.ui.language import _, tell
from app.ui.plain import sentence as told
from app.ui.redirect import redirect
from app.usecases.refusals import NotFound, NotSignedIn
from engine.errors import AimassError
from store.database import DatabaseFull

log = logging.getLogger("aimass.pages")

StepState = Literal["done", "running", "open", "waiting", "failed"]

_STEP_ICONS: dict[StepState, str] = {
    "done": ":material/check_circle:",
    "running": ":material/progress_activity:",
    "failed": ":material/error:",
    "open": "",
    "waiting": "",
}
_STEP_WORDS: dict[StepState, Callable[[], str]] = {
    "done": lambda: _("done"),
    "running": lambda: _("running"),
    "failed": lambda: _("failed"),
    "open": lambda: _("open"),
    "waiting": lambda: _("waits for the steps before it"),
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a walk.   page, params: its address.   title: in the reader's language."""

    code: str
    title: str
    state: StepState
    page: str
    params: dict[str, str]


def head(title: str, caption: str = "", *, back: str = "", **back_params: str) -> DeltaGenerator:
    """Draw a page's head and return the place for its actions, on the right: `with head(_("Jobs")): st.button(…)`.

    title, caption: markdown; users' words go through `plain` first.   back: name of the page it belongs to; its title
    becomes a quiet link above.
    """
    if back:
        with st.container(key="page-back"):
            links.link(back, links.page(back).title, icon=":material/arrow_back:", **back_params)
    row = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="page-head"
    )
    with row:
        with st.container(gap="xxsmall", width="stretch"):
            st.title(title, anchor=False)
            if caption:
                st.caption(caption)
        return st.container(horizontal=True, width="content", gap="small", key="page-actions")


def section(title: str, caption: str = "") -> None:
    """Draw a heading inside a page.   title, caption: markdown."""
    with st.container(gap="xxsmall"):
        st.subheader(title, anchor=False)
        if caption:
            st.caption(caption)


def stepper(steps: Sequence[Step], here: str) -> None:
    """Draw the steps of a walk as links: ticks for finished ones, a number for the rest, `here` marked.

    Steps that wait for others stay in sight, but cannot be entered.
    """
    with st.container(horizontal=True, gap="xxsmall", wrap=False, key="stepper", vertical_alignment="center"):
        for number, step in enumerate(steps, start=1):
            mark = "here" if step.code == here else "later" if step.state == "waiting" else "other"
            with st.container(width="content", key=f"step-{mark}-{step.code}"):
                st.page_link(
                    links.page(step.page),
                    label=step.title,
                    icon=_STEP_ICONS[step.state] or f":material/counter_{number}:",
                    query_params=step.params,
                    disabled=step.state == "waiting",
                    help=_STEP_WORDS[step.state](),
                )


def empty_state(title: str, sentence: str, *, icon: str, key: str) -> DeltaGenerator:
    """Draw what an empty page says, and return the place for its one button.

    icon: ":material/…:".   key: language-free, one per place.
    """
    box = st.container(border=True, horizontal_alignment="center", gap="small", key=f"empty-{key}")
    with box:
        with st.container(key=f"empty-icon-{key}", horizontal_alignment="center"):
            st.markdown(f":primary[{icon}]", width="content")
        with st.container(gap="xxsmall", horizontal_alignment="center"):
            st.subheader(title, anchor=False, text_alignment="center")
            st.caption(sentence, text_alignment="center")
        return st.container(horizontal=True, horizontal_alignment="center", gap="small")


def error_box(what: object, remedy: object = "", *, why: object = "") -> None:
    """Say what is wrong, why, and the one thing to do.   All three: sentences of ours, shown as text."""
    parts = [f"**{told(tell(what))}**"]
    if why:
        parts.append(told(tell(why)))
    if remedy:
        parts.append(f":material/arrow_forward: {told(tell(remedy))}")
    st.error("\n\n".join(parts), icon=":material/error:")


def notice(sentence: object, remedy: object = "", *, icon: str = ":material/info:") -> None:
    """Say something a person should know, quieter than an error.   Plain sentences of ours."""
    body = told(tell(sentence))
    st.caption(f"{icon} {body}" + (f" {told(tell(remedy))}" if remedy else ""))


@contextmanager
def guard() -> Iterator[None]:
    """Turn errors of what stands inside into words. Streamlit's own ways out (rerun, stop) pass through.

    Errors of ours say what, why and remedy. Any other is written to the log under a number, and the page says that
    number and nothing else of it.
    """
    try:
        yield
    except NotSignedIn:
        redirect("/login")
    except NotFound as error:
        _not_found(error)
    except AimassError as error:
        error_box(error.message, error.remedy)
    except DatabaseFull:
        error_box(
            _("The server's disk is full: nothing was saved."), _("Make room on it, then do the same again.")
        )
    except Exception:
        number = uuid.uuid4().hex[:8]
        log.exception("page error %s", number)
        error_box(
            _("Something went wrong on our side. Nothing you saved is lost."),
            _("Reload the page. If it happens again, give the number {number} to whoever looks after this machine.")
            .format(number=number),
            why=_("The details are in the log of the server under that number."),
        )  # fmt: skip


def live(draw: Callable[[], None], *, every_s: float | None, key: str) -> None:
    """Draw a live part: the page's one fragment, drawn again every `every_s` seconds, or only once for None.

    Decide `every_s` on each full run (None once the work has ended), and call `st.rerun()` inside when the state
    changes, so that the timer stops and the page shows what comes next.   key: language-free.
    """

    @functools.wraps(draw)
    def guarded() -> None:
        with guard():
            draw()

    st.fragment(guarded, run_every=every_s, key=key)()


def asked(name: str) -> str:
    """Return a word of this page's address, "" where it is missing; longer ones than any of ours are cut."""
    return (st.query_params.get(name) or "")[:200]


def _not_found(error: NotFound) -> None:
    with empty_state(
        _("This is not here"), told(tell(error.message), 400), icon=":material/search_off:", key="not-found"
    ):
        links.link("home", _("Go to the start page"), icon=":material/home:")
