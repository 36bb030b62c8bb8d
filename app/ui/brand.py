"""Our mark, where a page begins with it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

STATIC = Path(__file__).resolve().parents[1] / "static"


def draw_mark(width: int = 64) -> None:
    """Draw the mark in the colours of the theme.   width: pixels."""
    st.image(STATIC / "mark.svg", width=width, alt="AI Mass")
