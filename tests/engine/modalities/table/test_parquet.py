"""Parquet: numbers stay numbers, all other types become the text a person would write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.errors import BadData
from engine.modalities.table.parquet import open_parquet
from engine.modalities.table.source import RawTable, Workplace

Cells = Callable[[RawTable], list[tuple[str | None, ...]]]


def opened(place: Workplace, values: pa.Array) -> RawTable:
    path = place.folder / "in.parquet"
    pq.write_table(pa.table({"v": values}), path)
    return open_parquet(path, place)


def stored(connection: duckdb.DuckDBPyConnection, raw: RawTable, position: int = 0) -> list[object]:
    rows = connection.execute(f"SELECT {raw.native[position][1]} FROM {raw.relation}").fetchall()
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (pa.array([1, -2, None], pa.int8()), "int64", [1, -2, None]),
        (pa.array([1, 2**53 - 1, None], pa.uint64()), "int64", [1, 2**53 - 1, None]),
        (pa.array([1.5, None, -2.5], pa.float16()), "double", [1.5, None, -2.5]),
        (pa.array([1.5, float("nan"), float("inf")]), "double", [1.5, None, None]),
        (pa.array([Decimal("1.50"), None, Decimal("-0.25")]), "double", [1.5, None, -0.25]),
        (pa.array([1, 2, 1]).dictionary_encode(), "int64", [1, 2, 1]),
    ],
)
def test_numbers_are_kept_as_numbers(
    values: pa.Array,
    kind: str,
    expected: list[object],
    place: Workplace,
    connection: duckdb.DuckDBPyConnection,
) -> None:
    raw = opened(place, values)
    assert raw.native[0][0] == kind and stored(connection, raw) == expected
    assert raw.expected() == len(expected) and raw.format == "parquet"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array(["a", "", None, " b "]), ["a", None, None, " b "]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array([dt.date(2024, 1, 31), None]), ["2024-01-31", None]),
        (pa.array([dt.datetime(2024, 1, 31, 9, 5, 7)], pa.timestamp("ns")), ["2024-01-31 09:05:07"]),
        (
            pa.array([dt.datetime(2024, 1, 31, 9, 5, 7)], pa.timestamp("us", tz="Asia/Shanghai")),
            ["2024-01-31 09:05:07"],
        ),
        (pa.array([dt.time(9, 5, 7)]), ["09:05:07"]),
        (pa.array([2**53, 1], pa.int64()), ["9007199254740992", "1"]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([None, None], pa.null()), [None, None]),
    ],
)
def test_everything_else_becomes_text(
    values: pa.Array, expected: list[str | None], place: Workplace, cells: Cells
) -> None:
    raw = opened(place, values)
    assert raw.native == {} and [row[0] for row in cells(raw)] == expected and raw.notes == ()


@pytest.mark.parametrize(
    ("values", "expected", "said"),
    [
        (pa.array([{"a": 1, "b": "x"}, None]), ['{"a":1,"b":"x"}', None], "nested"),
        (pa.array([[1, 2], []]), ["[1,2]", "[]"], "nested"),
        (pa.array([b"\x00", b"x"]), [None, None], "binary"),
        (pa.array([float("inf"), 1.0]), None, "1 infinite numbers"),
    ],
)
def test_what_could_not_be_kept_as_it_was_is_said(
    values: pa.Array, expected: list[str | None] | None, said: str, place: Workplace, cells: Cells
) -> None:
    raw = opened(place, values)
    assert len(raw.notes) == 1 and "'v'" in raw.notes[0] and said in raw.notes[0]
    if expected is not None:
        assert [row[0] for row in cells(raw)] == expected


def test_hostile_names_and_a_folder_that_looks_like_a_column(
    place: Workplace, cells: Cells, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folder = tmp_path / "c0=7" / "a=8" / "[x] 'y'"
    folder.mkdir(parents=True)
    names = ["a", "a", "p0", "c0", 'x"; --', ""]
    pq.write_table(pa.table([pa.array([str(i), None]) for i in range(6)], names=names), folder / "t.parquet")
    raw = open_parquet(folder / "t.parquet", place)
    assert raw.written == tuple(names)
    assert cells(raw) == [("0", "1", "2", "3", "4", "5"), (None,) * 6]


def test_a_long_file_is_sampled_over_its_whole_length(place: Workplace, cells: Cells) -> None:
    raw = opened(place, pa.array(range(250_000)).cast(pa.string()))
    sample = [int(str(row[0])) for row in cells(replace(raw, relation=raw.sample))]
    assert len(sample) == 60_000 and max(sample) > 240_000
    short = opened(place, pa.array(["x"] * 10))
    assert len(cells(replace(short, relation=short.sample))) == 10


def test_broken_empty_and_too_wide_files_are_refused(place: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    path.write_bytes(b"PAR1" + bytes(100) + b"PAR1")
    with pytest.raises(BadData, match="cannot be read as Parquet"):
        open_parquet(path, place)
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), path)
    with pytest.raises(BadData, match="no rows"):
        open_parquet(path, place)
    pq.write_table(pa.table({f"c{i}": [1] for i in range(5)}), path)
    with pytest.raises(BadData, match="at most 4"):
        open_parquet(path, replace(place, limits=replace(place.limits, max_columns=4)))
