"""Ask before something goes away for good."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.ui.frame import guard
from app.ui.language import _
from app.ui.plain import plain


def confirm(
    title: str, sentence: str, *, act: Callable[[], None], verb: str, key: str, typed: str = ""
) -> None:
    """Open a dialog that says what will happen; its button calls `act`.

    title, sentence: markdown, in the reader's language.   verb: what the button says ("Delete").
    typed: a word the person has to type first, for what many others depend on.
    `act` ends by leaving the page (`links.go`) or returns; the page is drawn again then.
    """

    @st.dialog(title, icon=":material/delete:")
    def ask() -> None:
        with guard():
            st.markdown(sentence)
            entered = typed
            if typed:
                entered = st.text_input(
                    _("Type {name} to confirm").format(name=plain(typed)), key=f"{key}-typed"
                )
            with st.container(horizontal=True, horizontal_alignment="right"):
                if st.button(_("Keep it"), key=f"{key}-keep"):
                    st.rerun()
                if st.button(verb, key=f"{key}-do", type="primary", disabled=entered.strip() != typed):
                    act()
                    st.rerun()

    ask()
