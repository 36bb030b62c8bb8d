"""The SQL of a stored value: the quick form, the thorough one and the one for rows never seen agree."""

from __future__ import annotations

import math
from dataclasses import replace

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.modalities.table.convert import LATE_VALUE, is_clean, lenient_sql, strict_sql, string_sql
from engine.modalities.table.evidence import Evidence
from engine.modalities.table.tokens import ALL_TOKENS
from engine.specs.cells import STYLES, NumberStyle
from engine.specs.schema import BLANKS, Column

pytestmark = pytest.mark.slow


TEXT = Column(
    name="a", source_name="a", physical="string", semantic="category", missing_tokens=("NA", "it's")
)
NUMBER = replace(TEXT, physical="double", semantic="number", missing_tokens=ALL_TOKENS)
WHOLE = replace(NUMBER, physical="int64")


def value(connection: duckdb.DuckDBPyConnection, sql: str, cell: str | None) -> object:
    return connection.execute(f"SELECT {sql} FROM (SELECT CAST(? AS VARCHAR) AS v)", [cell]).fetchall()[0][0]


CELLS = st.one_of(
    st.sampled_from(
        ["", "NA", " NA ", "it's", "inf", "-nan", "1e400", "1_000", "0x1A", "9007199254740993", "٣", "1e3"]
    ),
    st.text(BLANKS + "0123456789.,'-+eEx", max_size=9),
    st.integers().map(str),
    st.floats().map(str),
)
COLUMNS = [
    TEXT,
    *(replace(c, decimal=s.decimal, thousands=s.thousands) for s in STYLES for c in (NUMBER, WHOLE)),
]


@pytest.mark.slow
@given(CELLS, st.sampled_from(COLUMNS))
def test_what_was_stored_is_what_a_new_row_is_read_as(
    connection: duckdb.DuckDBPyConnection, cell: str, column: Column
) -> None:
    """The strict form may refuse a cell; where it does not, the lenient form gives the same."""
    lenient = value(connection, lenient_sql("v", column), cell)
    try:
        strict = value(connection, strict_sql("v", column, is_clean=False), cell or None)
    except duckdb.Error as problem:
        assert isinstance(
            problem, (duckdb.ConversionException, duckdb.OutOfRangeException)
        ) or LATE_VALUE in str(problem)
        return
    assert strict == lenient


@given(CELLS, st.sampled_from([TEXT, NUMBER, WHOLE]))
def test_the_quick_form_gives_the_same_or_refuses(
    connection: duckdb.DuckDBPyConnection, cell: str, column: Column
) -> None:
    trimmed = cell.strip(BLANKS)
    if trimmed in {"", *column.missing_tokens} or (column.physical == "string" and trimmed != cell):
        return  # Such a cell is never given to the quick form, or is found in the written table afterwards.
    try:
        quick = value(connection, strict_sql("v", column, is_clean=True), cell)
    except duckdb.Error:
        return
    if isinstance(quick, float) and not math.isfinite(quick):
        return  # Infinite numbers are counted in the written table and written again as missing.
    assert quick == value(connection, strict_sql("v", column, is_clean=False), cell)


@given(CELLS, st.sampled_from(STYLES[1:]))
def test_a_number_is_finite_and_read_as_its_style_says(
    connection: duckdb.DuckDBPyConnection, cell: str, style: NumberStyle
) -> None:
    column = replace(NUMBER, decimal=style.decimal, thousands=style.thousands)
    trimmed = cell.strip(BLANKS)
    is_number = trimmed not in ALL_TOKENS and style.matches(trimmed)
    assert value(connection, lenient_sql("v", column), cell) == (style.number(trimmed) if is_number else None)


@pytest.mark.parametrize("cell", ["1.5", "word", "9007199254740992", "1e20", "inf"])
@pytest.mark.parametrize("is_clean", [True, False])
def test_a_whole_number_column_refuses_all_else_aloud(
    cell: str, is_clean: bool, connection: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(duckdb.Error):
        value(connection, strict_sql("v", WHOLE, is_clean=is_clean), cell)


def test_texts_lose_outer_blanks_and_tokens_only(connection: duckdb.DuckDBPyConnection) -> None:
    cells = {
        " red ": "red",
        "\u3000北 京\u00a0": "北 京",
        "NA": None,
        " it's ": None,
        "na": "na",
        " ": None,
        None: None,
    }
    assert {cell: value(connection, string_sql("v", TEXT), cell) for cell in cells} == cells


@pytest.mark.parametrize("fact", ["tokens", "blanks", "infinite"])
def test_a_column_is_clean_until_something_odd_is_known(fact: str) -> None:
    clean = Evidence(present=5, blanks=0, tokens=0, numbers=5)
    assert is_clean(clean)
    assert not is_clean(replace(clean, **{fact: 1}))
