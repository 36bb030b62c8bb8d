"""Workbooks: the first sheet with data, its dates, booleans and numbers as a text file would write them."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from engine.errors import BadData
from engine.modalities.table.excel import open_excel
from engine.modalities.table.source import RawTable, Workplace

Cells = Callable[[RawTable], list[tuple[str | None, ...]]]


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_cells_of_every_type_are_written_plainly(place: Workplace, cells: Cells, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["n", "x", "ok", "day", "moment", "word"],
        [1, 1.5, True, dt.datetime(2024, 5, 1), dt.datetime(2024, 5, 1, 10, 30, 59), 'a, "b"\nc'],
        [2, -0.1, False, dt.date(1999, 12, 31), dt.datetime(1999, 12, 31, 23, 59), "007"],
        [None, None, None, None, None, None],
        [3, 1e300, None, None, None, "  北京 "],
    ]
    raw = open_excel(workbook(tmp_path / "t.xlsx", data=rows), place, name="t.xlsx")
    assert raw.format == "excel" and raw.written == tuple(rows[0]) and raw.notes == ()
    found = cells(raw)
    assert found[0] == ("1", "1.5", "true", "2024-05-01", "2024-05-01 10:30:59", 'a, "b"\nc')
    assert found[1] == ("2", "-0.1", "false", "1999-12-31", "1999-12-31 23:59:00", "007")
    assert found[2][0] == "3" and float(str(found[2][1])) == 1e300 and found[2][5] == "  北京 "
    assert len(found) == 3 == raw.expected()


def test_the_first_sheet_with_data_is_read_and_the_others_are_named(
    place: Workplace, cells: Cells, tmp_path: Path
) -> None:
    table: list[list[object]] = [["a", "b"], [1, 2], [3, 4]]
    book = workbook(tmp_path / "t.xlsx", empty=[], first=table, second=[["x"], [9]])
    raw = open_excel(book, place, name="t.xlsx")
    assert cells(raw) == [("1", "2"), ("3", "4")]
    assert raw.notes == ("Only the sheet 'first' was read; these hold data too: 'second'.",)


def test_titles_above_a_sheet_s_table_are_rejected_not_lost(
    place: Workplace, cells: Cells, tmp_path: Path
) -> None:
    rows: list[list[object]] = [["Sales of 2024", None, None], ["a", "b", "c"], [1, 2, 3], [4, 5, 6]]
    raw = open_excel(workbook(tmp_path / "t.xlsx", data=rows), place, name="t.xlsx")
    assert raw.written == ("a", "b", "c") and cells(raw) == [("1", "2", "3"), ("4", "5", "6")]
    assert raw.rejected == 1


def test_books_that_are_broken_empty_or_too_large_are_refused(place: Workplace, tmp_path: Path) -> None:
    with pytest.raises(BadData, match="no data"):
        open_excel(workbook(tmp_path / "empty.xlsx", one=[], two=[]), place, name="empty.xlsx")
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("nothing.txt", "here")
    with pytest.raises(BadData, match="cannot be read as a workbook"):
        open_excel(broken, place, name="broken.xlsx")
    whole = workbook(tmp_path / "cut.xlsx", data=[["a", "b"], [1, 2]]).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadData, match="cannot be read as a workbook"):
        open_excel(tmp_path / "cut.xlsx", place, name="cut.xlsx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.modalities.table.excel._MAX_UNPACKED_BYTES", 1000)
        with pytest.raises(BadData, match="at most 1,000"):
            open_excel(workbook(tmp_path / "bomb.xlsx", data=[["a"], [1]]), place, name="bomb.xlsx")
