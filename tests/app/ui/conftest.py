"""Widgets drawn by a script of one call, as Streamlit draws them, without a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.drawn import components_looked_for_once as components_looked_for_once

Draw = Callable[..., AppTest]
USER = {"id": "u1", "name": "ada", "display": "Ada", "role": "member"}


@pytest.fixture
def draw() -> Draw:
    """Return what runs a few lines of script and returns what they drew: `draw("st.text(1)")`."""

    def drawn(script: str, *, language: str = "en-GB", user: dict[str, str] = USER, **query: str) -> AppTest:
        page = AppTest.from_string(f"import streamlit as st\n{script}", default_timeout=30)
        page.context = {"locale": language, "timezone": "Asia/Shanghai"}
        page.user = user
        for name, value in query.items():
            page.query_params[name] = value
        return page.run()

    return drawn
