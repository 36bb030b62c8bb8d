"""Values written into SQL come back as they were, whatever stands in them."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.transforms import sql

# fmt: off
HOSTILE = [
    "it's", "''", "'; DROP TABLE t; --", 'say "hi"', "back\\slash", "\\n", "a\nb", "\0", "a\0\0b\0",
    "$1", "$$", "{x}", "%s", "?", "中文", "😀", "e\u0301", "\u200b", "--", "/* */", "E'x'", "U&'x'",
]
# fmt: on


One = Callable[[str], Any]


@pytest.fixture(scope="module")
def one() -> Iterator[One]:
    """Return the value of one expression."""
    with duckdb.connect() as connection:

        def value(expression: str) -> Any:
            ((found,),) = connection.execute(f"SELECT {expression}").fetchall()
            return found

        yield value


@pytest.mark.parametrize("text", HOSTILE)
def test_a_literal_is_the_text(text: str, one: One) -> None:
    assert one(sql.literal(text)) == text
    assert one(f"{sql.literal('<')} || {sql.literal(text)}") == f"<{text}"


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives(text: str, one: One) -> None:
    assert one(sql.literal(text)) == text


@pytest.mark.parametrize("name", ['a"b', "a b", "select", "中文; --", "it's", '"', "Größe (m²)"])
def test_an_identifier_names_one_column(name: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t ({sql.identifier(name)} INTEGER)")
        connection.execute("INSERT INTO t VALUES (7)")
        assert connection.execute(f"SELECT {sql.identifier(name)} FROM t").fetchall() == [(7,)]


@given(value=st.floats(allow_nan=False))
def test_a_number_keeps_every_bit(value: float, one: One) -> None:
    found = one(sql.number(value))
    assert struct.pack("d", found) == struct.pack("d", value)


def test_a_number_is_no_decimal(one: One) -> None:
    assert one(f"{sql.number(0.1)} + {sql.number(0.2)}") == 0.1 + 0.2
    assert math.isnan(one(sql.number(math.nan)))


def test_a_list_of_numbers_keeps_every_bit(one: One) -> None:
    values = [0.1, -0.0, 1e-320, 1.7976931348623157e308, 1 / 3]
    found = one(sql.numbers(values))
    assert struct.pack("5d", *found) == struct.pack("5d", *values)


@pytest.mark.parametrize("more", [0, sql.CASE_KEYS], ids=["case", "join"])
def test_a_look_up_finds_hostile_keys_and_has_a_default(more: int) -> None:
    keys = [*HOSTILE, *(f"key {i}" for i in range(more))]
    expression = sql.lookup("c", keys, [i + 0.1 for i in range(len(keys))], -1.0)
    listed = ", ".join(f"({i}, {sql.literal(key)})" for i, key in enumerate([*keys, "none of them"]))
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT {expression} FROM (VALUES {listed}) AS t(i, c) ORDER BY i"
        ).fetchall()
    assert found == [*((i + 0.1,) for i in range(len(keys))), (-1.0,)]


@pytest.mark.parametrize("more", [0, sql.CASE_KEYS], ids=["case", "join"])
def test_a_missing_value_looks_up_the_empty_key(more: int) -> None:
    keys = ["", *(f"key {i}" for i in range(more))]
    with_empty = sql.lookup("c", keys, [5.0] * len(keys), -1.0)
    without = sql.lookup("c", [f"key {i}" for i in range(more + 1)], [5.0] * (more + 1), -1.0)
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS SELECT NULL::VARCHAR AS c")
        assert connection.execute(f"SELECT {with_empty}, {without} FROM t").fetchall() == [(5.0, -1.0)]


def test_a_look_up_without_keys_is_its_default(one: One) -> None:
    assert one(sql.lookup("NULL::VARCHAR", [], [], 3.5)) == 3.5


def test_a_list_is_looked_up_and_missing_for_an_unknown_key() -> None:
    table = [[1.0, 0.1], [2.0, 0.2]]
    expression = sql.lookup_list("c", ["", "it's"], table)
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT {expression} FROM (VALUES (0, NULL), (1, 'it''s'), (2, 'x')) AS t(i, c) ORDER BY i"
        ).fetchall()
    assert found == [([1.0, 0.1],), ([2.0, 0.2],), (None,)]
