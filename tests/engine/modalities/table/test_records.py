"""Rows as a careful person reads them: whatever does not fit is kept with its line and a reason."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.modalities.table.dialect import Dialect
from engine.modalities.table.header import Layout
from engine.modalities.table.records import Record, Rejects, Tally, normalise, read_records, refuse_no_rows


def read(text: str, max_chars: int = 1000, dialect: Dialect | None = None) -> list[Record]:
    return list(read_records(io.StringIO(text, newline=""), dialect or Dialect(), max_chars=max_chars))


def shown(text: str, max_chars: int = 1000) -> list[tuple[int, list[str], bool]]:
    return [(record.line, record.cells, record.problem is None) for record in read(text, max_chars)]


def test_lines_are_physical_and_blank_ones_are_left_out() -> None:
    assert shown('a,b\n\n  \n"x\ny",1\r\n2,3\r"q",4') == [
        (1, ["a", "b"], True),
        (4, ["x\ny", "1"], True),
        (6, ["2", "3"], True),
        (7, ["q", "4"], True),
    ]


def test_an_empty_quoted_cell_alone_is_a_row_and_a_blank_line_is_not() -> None:
    assert shown('a\n""\n\n1\n') == [(1, ["a"], True), (2, [""], True), (4, ["1"], True)]


def test_a_quote_never_closed_costs_its_own_line_only() -> None:
    assert shown('a,b\n1,"x\n2,y\n3,z\n') == [
        (1, ["a", "b"], True),
        (2, [], False),
        (3, ["2", "y"], True),
        (4, ["3", "z"], True),
    ]
    assert read('1,"x\n2,y\n')[0].text == '1,"x\n'


def test_a_quote_closed_only_far_away_costs_its_own_line_too() -> None:
    text = 'a,b\n1,"x\n' + "2,y\n" * 50 + '3,"z"\n'
    found = shown(text, max_chars=60)
    assert [line for line, _, is_whole in found if not is_whole] == [2]
    assert len(found) == 53 and found[-1] == (53, ["3", "z"], True)


def test_a_cell_longer_than_allowed_is_a_bad_row_and_reading_goes_on() -> None:
    found = read(f"a,b\n1,{'x' * 100}\n2,y\n", max_chars=50)
    assert found[0].cells == ["a", "b"] and found[-1].cells == ["2", "y"]
    assert any(record.problem for record in found[1:-1])


@given(st.text('ab",\n\r;', max_size=60))
def test_every_character_that_is_no_blank_line_is_in_some_record(text: str) -> None:
    records = read(text)
    assert [record.line for record in records] == sorted({record.line for record in records})
    kept, whole = "".join(record.text for record in records), "".join(text.split())
    assert "".join(kept.split()) == whole


def write_table(
    folder: Path, text: str, layout: Layout, max_chars: int = 1000
) -> tuple[Tally, list[list[str]], list[list[str]]]:
    source, target = folder / "in.csv", folder / "out.csv"
    source.write_bytes(text.encode())
    with Rejects(folder / "rejects.csv") as rejects:
        tally = normalise(
            source,
            target,
            Dialect(),
            layout,
            max_chars=max_chars,
            reject=rejects.add,
            progress=lambda share: None,
        )
    tables = []
    for path in (target, folder / "rejects.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            tables.append(list(csv.reader(file)))
    return tally, tables[0], tables[1][1:]


def test_odd_rows_are_rejected_with_line_reason_and_text(tmp_path: Path) -> None:
    text = 'Report\na,b\n1,2\n3\n"x\ny",4\n5,6,7\n8,"9\n10,11\n'
    tally, rows, rejects = write_table(tmp_path, text, Layout(preamble=1, width=2, names=("a", "b")))
    assert rows == [["1", "2"], ["x\ny", "4"], ["10", "11"]]
    assert rejects == [
        ["1", "The row stands above the table.", "Report"],
        ["4", "The row has 1 cell. Expected 2.", "3"],
        ["7", "The row has 3 cells. Expected 2.", "5,6,7"],
        ["8", "A quote is opened and never closed.", '8,"9'],
    ]
    assert (tally.rows, tally.rejected) == (3, 4)
    assert tally.first_reject == (4, "The row has 1 cell. Expected 2.")


def test_without_a_header_the_first_row_is_data(tmp_path: Path) -> None:
    tally, rows, _ = write_table(tmp_path, "\ufeff1,2\n3,4\n", Layout(preamble=0, width=2, names=()))
    assert rows == [["1", "2"], ["3", "4"]] and tally == Tally(rows=2, longest=4)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff"), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8))
def test_what_a_csv_writer_writes_is_kept_cell_for_cell(table: list[tuple[str, str]], tmp_path: Path) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(table)
    tally, rows, rejects = write_table(tmp_path, text.getvalue(), Layout(preamble=0, width=2, names=()))
    assert rows == [list(row) for row in table] and rejects == []
    assert tally.rows == len(table)


def test_a_rejected_text_is_kept_on_one_line_and_cut_when_very_long(tmp_path: Path) -> None:
    with Rejects(tmp_path / "r.csv") as rejects:
        rejects.add(3, 'a "reason", and more', "x" * 20_000 + "\r\n")
    written = (tmp_path / "r.csv").read_text()  # with every line end read as "\n"
    assert written == 'line,reason,text\n3,"a ""reason"", and more",' + "x" * 10_000 + "\n"


@pytest.mark.parametrize(("has_header", "found"), [(True, "only a header"), (False, "no row that fits")])
def test_a_table_without_rows_is_refused_by_name(has_header: bool, found: str) -> None:
    problem = refuse_no_rows("a.csv", has_header)
    assert "'a.csv'" in problem.message and found in problem.message and problem.remedy
