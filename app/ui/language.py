"""The reader's language, and their words for ours: `_`, `n_` and `tell`."""

from __future__ import annotations

import streamlit as st

from app.language import LANGUAGE_COOKIE, choose_language, translator


def language() -> str:
    """Return the reader's language code: their own choice (a cookie), else what their browser prefers."""
    return choose_language(st.context.cookies.get(LANGUAGE_COOKIE), st.context.locale or "")


def _(literal: str) -> str:
    """Return what an English literal of ours is called in the reader's language."""
    return translator(language()).text(literal)


def n_(one: str, many: str, n: int) -> str:
    """Return the form for `n`, filled in with it.   Both literals name it: n_("{n:,} row", "{n:,} rows", 12)."""
    return translator(language()).plural(one, many, n).format(n=n)


def tell(text: object) -> str:
    """Return a finished sentence of ours (a note, an error, advice) in the reader's language; "" for None."""
    return "" if text is None else translator(language()).tell(text if isinstance(text, str) else str(text))
