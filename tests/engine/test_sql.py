"""Quoted text comes back as it went in, whatever it holds."""

from __future__ import annotations

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from engine.sql import quote_name, quote_text

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1)


@given(TEXT)
def test_text_survives(text: str) -> None:
    assert duckdb.sql(f"SELECT {quote_text(text)}").fetchall() == [(text,)]


@given(TEXT)
def test_names_survive(name: str) -> None:
    assert duckdb.sql(f"SELECT 1 AS {quote_name(name)}").columns == [name]
