"""Text files become readable cells, the fast way and the careful way alike."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import BadData
from engine.modalities.table.header import Layout
from engine.modalities.table.limits import ImportLimits
from engine.modalities.table.source import RawTable, Workplace
from engine.modalities.table.text import open_cells, open_text

Cells = Callable[[RawTable], list[tuple[str | None, ...]]]
FAST = ImportLimits(memory_bytes=256 << 20, threads=1, careful_bytes=0)


def write(folder: Path, content: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_small_file_is_read_carefully(place: Workplace, cells: Cells, tmp_path: Path) -> None:
    raw = open_text(write(tmp_path, "\ufeffa;b\r\n1;x y\r\n\r\n2\r\n3;\r\n"), place)
    assert (raw.format, raw.encoding, raw.delimiter, raw.quote) == ("csv", "utf-8-sig", ";", '"')
    assert raw.written == ("a", "b") and raw.has_header
    assert cells(raw) == [("1", "x y"), ("3", None)]
    assert (raw.expected(), raw.rejected, raw.retry) == (2, 1, None)
    assert raw.first_reject == (4, "The row has 1 cell. Expected 2.")


def test_a_plain_file_is_read_by_duckdb_itself_and_counted(
    place: Workplace, cells: Cells, tmp_path: Path
) -> None:
    source = write(tmp_path, 'a,b\n1,"x,\ny"\n2,"z ""q"""\n')
    raw = open_text(source, replace(place, limits=FAST))
    assert str(source) in raw.relation and raw.retry is not None
    assert cells(raw) == [("1", "x,\ny"), ("2", 'z "q"')] and raw.expected() == 2
    careful = raw.retry()
    assert careful.retry is None and cells(careful) == cells(raw)


@pytest.mark.parametrize(
    "content",
    [
        "Report of all\na,b\n1,2\n3,4\n",
        "a,b\n1,'x,y'\n3,'4,5'\n",
        "a,b\n1,2\n3\n",
        "a\n1\n2\n",
        "a,b\r1,2\r3,4\r",
        "a,b\n1,é\n".encode("latin-1"),
        "a,b\n1,2\n".encode("utf-16"),
    ],
)
def test_what_is_not_plain_is_read_carefully_at_any_size(
    content: str | bytes, place: Workplace, tmp_path: Path
) -> None:
    raw = open_text(write(tmp_path, content), replace(place, limits=FAST))
    assert raw.retry is None and raw.expected_rows is not None


@pytest.mark.parametrize("late", [b"caf\xe9,1\n", b"x\ry,1\n", b'"open,1\n', b"1\n", b"1,2,3\n"])
def test_a_fault_beyond_the_head_is_seen_by_the_count(
    late: bytes, place: Workplace, cells: Cells, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fast way loses a row, fails or cannot say how many there are; the careful way then reads them all."""
    monkeypatch.setattr("engine.modalities.table.encoding._BLOCK", 4096)
    body = b"a,b\n" + b"1,2\n" * 2000
    raw = open_text(write(tmp_path, body + late + b"3,4\n"), replace(place, limits=FAST))
    assert raw.retry is not None
    careful = raw.retry()
    assert cells(careful)[-1] == ("3", "4")
    rows = len(cells(careful))
    assert rows == careful.expected() and rows + careful.rejected == 2002 + (late == b"x\ry,1\n")
    assert raw.expected() != rows or careful.rejected == 0


def test_the_sample_of_a_large_file_is_of_its_head_middle_and_end(
    place: Workplace, tmp_path: Path, connection: object, cells: Cells
) -> None:
    limits = replace(FAST, sample_bytes=3000)
    source = write(tmp_path, "a,b\n" + "".join(f"{i},x{i}\n" for i in range(10_000)))
    raw = open_text(source, replace(place, limits=limits))
    ids = [int(row[0]) for row in cells(replace(raw, relation=raw.sample))]
    assert ids[0] == 0 and ids[-1] == 9999 and any(4000 < i < 6000 for i in ids)
    assert len(set(ids)) == len(ids) < 500


def test_no_row_endless_line_and_too_many_columns(place: Workplace, tmp_path: Path) -> None:
    wide = open_text(write(tmp_path, "1,2,3\n" * 3), replace(place, limits=replace(FAST, max_columns=2)))
    assert len(wide.written) == 3 and not list(place.folder.glob(".tmp-*"))
    for content in ("a,b\n", "\n \n"):
        with pytest.raises(BadData, match="no rows"):
            open_text(write(tmp_path, content), place)
    short = replace(place, limits=replace(FAST, max_line_bytes=1000, careful_bytes=1 << 20))
    with pytest.raises(BadData, match="longer than 1,000"):
        open_text(write(tmp_path, "a,b\n" + "x," * 1000), short)


def test_cells_of_our_own_keep_a_layout_that_is_known(place: Workplace, cells: Cells, tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["1", "2"], ["3", "x\ny"], ["", ""]])
    known = Layout(preamble=0, width=2, names=("1", "2"))
    raw = open_cells(path, place, name="t.xlsx", layout=known)
    assert raw.written == ("1", "2") and cells(raw) == [("3", "x\ny"), (None, None)]
    path.write_text("")
    with pytest.raises(BadData, match=r"t\.xlsx"):
        open_cells(path, place, name="t.xlsx")
