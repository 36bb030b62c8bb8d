"""How to ask a service from a program: text that works when it is pasted."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app.ui.language import _

_TITLES = {"curl": "curl", "python": "Python", "javascript": "JavaScript"}


def show_snippets(snippets: Mapping[str, str], *, key: str) -> None:
    """Draw one tab per language, each with text to copy.   snippets: language code → program."""
    st.caption(_("Put a key of this service in the place of KEY."))
    tabs = st.tabs([_TITLES.get(name, name) for name in snippets], key=f"{key}-snippets")
    for tab, text in zip(tabs, snippets.values(), strict=True):
        with tab:
            # Coloured words would be too pale to read for some, and a long line must not need a mouse to be seen.
            st.code(text, language=None, wrap_lines=True)
