"""Quoted text comes back as it went in, whatever it holds."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from engine.sql import glob_escape, parquet, quote_name, quote_text

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1)


@given(TEXT)
def test_text_survives(text: str) -> None:
    assert duckdb.sql(f"SELECT {quote_text(text)}").fetchall() == [(text,)]


@given(TEXT)
def test_names_survive(name: str) -> None:
    assert duckdb.sql(f"SELECT 1 AS {quote_name(name)}").columns == [name]


def test_only_pattern_characters_are_escaped() -> None:
    assert glob_escape(Path("/a/b*[c]?.csv")) == "/a/b[*][[]c][?].csv"


def test_the_name_of_a_folder_is_no_column(tmp_path: Path) -> None:
    folder = tmp_path / "a=7" / "[x]"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"a": [1, 2]}), folder / "data.parquet")
    assert duckdb.sql(f"FROM {parquet(folder / 'data.parquet')}").fetchall() == [(1,), (2,)]
    numbered = parquet(folder / "data.parquet", numbered=True)
    assert duckdb.sql(f"SELECT a, file_row_number FROM {numbered}").fetchall() == [(1, 0), (2, 1)]
