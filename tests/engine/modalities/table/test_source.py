"""The SQL that reads a raw file takes its path, marks and cells as they are, and guesses nothing."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from engine.modalities.table.source import RawTable, csv_relation


@pytest.mark.parametrize("name", ["a*b?.csv", "[x].csv", "it's; --.csv", "{a,b}.csv", "k=7.csv", "名 称.csv"])
def test_a_hostile_name_opens_that_file_and_no_other(
    name: str, tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    for other in ("axb1.csv", "x.csv", "a.csv", "b.csv"):
        (tmp_path / other).write_text("other,1\n")
    (tmp_path / name).write_text("mine,1\n")
    relation = csv_relation(tmp_path / name, 2, max_line_bytes=1 << 20)
    assert connection.execute(f"SELECT * FROM {relation}").fetchall() == [("mine", "1")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "'", "\x1f"])
def test_cells_stay_text_and_empty_ones_are_null(
    delimiter: str, tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    path = tmp_path / "a.csv"
    rows = [["007", "", "true"], ["2024-01-01", "NULL", '"a ""b"""'], [" x ", "1e5", "-"]]
    path.write_text("".join(delimiter.join(row) + "\n" for row in rows))
    relation = csv_relation(path, 3, delimiter=delimiter, max_line_bytes=1 << 20)
    assert connection.execute(f"SELECT * FROM {relation}").fetchall() == [
        ("007", None, "true"),
        ("2024-01-01", "NULL", 'a "b"'),
        (" x ", "1e5", "-"),
    ]


def test_a_row_of_another_width_is_an_error_unless_it_may_be_left_out(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("title\n1,2\n3\n4,5,6\n7,8\n")
    with pytest.raises(duckdb.Error):
        connection.execute(
            f"SELECT * FROM {csv_relation(path, 2, skip=1, max_line_bytes=1 << 20)}"
        ).fetchall()
    relation = csv_relation(path, 2, skip=1, max_line_bytes=1 << 20, ignore_errors=True)
    assert connection.execute(f"SELECT * FROM {relation}").fetchall() == [("1", "2"), ("7", "8")]


def test_a_count_that_comes_later_replaces_the_one_known_before() -> None:
    raw = RawTable(format="csv", relation="t", written=("a", "b"), expected_rows=3)
    assert raw.expected() == 3 and raw.columns == ("c0", "c1")
    later = RawTable(format="csv", relation="t", written=(), expected_rows=3, count_rows=lambda: None)
    assert later.expected() is None
