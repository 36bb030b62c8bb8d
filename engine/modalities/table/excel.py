"""Excel and OpenDocument sheets: the first sheet with data, written out as plain cells."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from engine.errors import BadData
from engine.modalities.table.source import RawTable, Workplace
from engine.modalities.table.text import open_cells
from engine.specs.cells import cell_text

_MAX_UNPACKED_BYTES = 2 << 30


def open_excel(source: Path, place: Workplace, *, name: str) -> RawTable:
    """Make the first sheet that holds data readable; other sheets with data are named in a note.

    Raises: BadData when the workbook is broken, would unpack beyond bounds, or holds no data.
    """
    _check_size(source, name)
    try:
        workbook = CalamineWorkbook.from_path(str(source))
        sheets = [workbook.get_sheet_by_name(title) for title in workbook.sheet_names]
    except (CalamineError, OSError, ValueError) as problem:
        raise BadData(
            f"{name!r} cannot be read as a workbook. Expected an Excel or OpenDocument file. Received: {problem}.",
            remedy="Open it in a spreadsheet program and save it as CSV (UTF-8).",
        ) from None
    filled = [sheet for sheet in sheets if sheet.height > 0 and sheet.width > 0]
    if not filled:
        raise BadData(
            f"{name!r} has no data. Expected a sheet with a header and rows. Received empty sheets only.",
            remedy="Check that the table was saved in this workbook.",
        )
    target = place.temporary("sheet.csv")
    _write_cells(filled[0], target)
    notes: tuple[str, ...] = ()
    if len(filled) > 1:
        others = ", ".join(repr(sheet.name) for sheet in filled[1:6])
        notes = (f"Only the sheet {filled[0].name!r} was read; these hold data too: {others}.",)
    table = open_cells(target, place, name=name)
    return replace(table, format="excel", notes=(*table.notes, *notes))


def _check_size(source: Path, name: str) -> None:
    if not zipfile.is_zipfile(source):
        return
    with zipfile.ZipFile(source) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > _MAX_UNPACKED_BYTES:
        raise BadData(
            f"{name!r} unpacks to {unpacked:,} bytes. Expected at most {_MAX_UNPACKED_BYTES:,}. Received more.",
            remedy="Save the sheet as CSV (UTF-8) and give that file.",
        )


def _write_cells(sheet: CalamineSheet, target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)  # its "\r\n" makes it quote cells that hold a "\r"
        rows: Iterable[list[object]] = sheet.iter_rows()
        for row in rows:
            cells = [cell_text(value) for value in row]
            if any(cells):
                writer.writerow(cells)
