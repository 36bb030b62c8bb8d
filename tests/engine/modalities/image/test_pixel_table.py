"""A table of pixels is known by its header and becomes pictures, row by row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.modalities.image.pixel_table import PixelTable, is_pixel_table, pixel_columns
from engine.modalities.image.source import Found
from engine.modalities.table.limits import ImportLimits

pytestmark = pytest.mark.slow

LIMITS = ImportLimits(memory_bytes=256 << 20, threads=1)
PIXELS = np.random.default_rng(0).integers(0, 256, (20, 8, 8), dtype=np.uint8)

HEADERS = {
    "from 0": [f"pixel{i}" for i in range(64)],
    "from 1": [f"pixel{i}" for i in range(1, 65)],
    "rows and columns": [f"{r}x{c}" for r in range(1, 9) for c in range(1, 9)],
    "underscores": [f"px_{i}" for i in range(64)],
}


def written(path: Path, header: list[str], rows: list[list[object]], delimiter: str = ",") -> Path:
    path.write_text("\n".join(delimiter.join(map(str, row)) for row in [header, *rows]) + "\n")
    return path


def read(path: Path, scratch: Path) -> tuple[PixelTable, list[Found]]:
    scratch.mkdir()
    table = PixelTable(path, scratch, LIMITS)
    return table, list(table.entries())


@pytest.mark.parametrize("case", HEADERS)
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_rows_become_pictures(tmp_path: Path, case: str, delimiter: str) -> None:
    rows = [[f"c{i % 3}", *pixels.ravel()] for i, pixels in enumerate(PIXELS)]
    path = written(tmp_path / "digits.csv", ["label", *HEADERS[case]], rows, delimiter)
    assert is_pixel_table(path)
    table, entries = read(path, tmp_path / "scratch")
    assert [column.name for column in table.columns] == ["label"] and table.total == 20
    assert all((entry.picture == pixels).all() for entry, pixels in zip(entries, PIXELS, strict=True))
    assert [entry.values["label"] for entry in entries] == [f"c{i % 3}" for i in range(20)]
    assert entries[0].name == "digits/00001" and entries[0].picture.dtype == np.uint8  # type: ignore[union-attr]


def test_columns_out_of_order_are_put_in_order(tmp_path: Path) -> None:
    order = np.random.default_rng(1).permutation(64)
    header = [HEADERS["from 0"][i] for i in order]
    path = written(tmp_path / "d.csv", header, [list(p.ravel()[order]) for p in PIXELS])
    _, entries = read(path, tmp_path / "scratch")
    assert all((entry.picture == pixels).all() for entry, pixels in zip(entries, PIXELS, strict=True))


@pytest.mark.parametrize("bad", [256, -1, 0.5, ""])
def test_a_row_that_is_no_picture_is_told(tmp_path: Path, bad: object) -> None:
    rows: list[list[object]] = [["a", *pixels.ravel()] for pixels in PIXELS]
    rows[4][10] = bad
    path = written(tmp_path / "d.csv", ["label", *HEADERS["from 0"]], rows)
    _, entries = read(path, tmp_path / "scratch")
    assert [entry.number for entry in entries if entry.picture is None] == [5]
    assert "from 0 to 255" in entries[4].problem


def test_a_row_that_does_not_fit_is_told(tmp_path: Path) -> None:
    rows: list[list[object]] = [["a", *pixels.ravel()] for pixels in PIXELS]
    rows[4] = rows[4][:10]
    _, entries = read(written(tmp_path / "d.csv", ["label", *HEADERS["from 0"]], rows), tmp_path / "scratch")
    broken = [entry for entry in entries if entry.picture is None]
    assert len(entries) == 20 and len(broken) == 1 and "cells" in broken[0].problem


@pytest.mark.parametrize(
    "header",
    [
        ["a", "b", "c"],
        [f"pixel{i}" for i in range(63)],
        [f"pixel{i}" for i in range(2, 66)],
        [f"p{i}" for i in range(49)],
        [*(f"pixel{i}" for i in range(64)), *(f"other{i}" for i in range(20))],
        [f"value{i}" for i in range(64)],
    ],
    ids=len,
)
def test_other_tables_stay_tables(tmp_path: Path, header: list[str]) -> None:
    assert pixel_columns(header) == ([], 0)
    assert not is_pixel_table(written(tmp_path / "d.csv", header, [[1] * len(header)]))


def test_no_file_is_too_odd_to_look_at(tmp_path: Path) -> None:
    for content in (b"", b"\0" * 5000, b"," * 70_000, b'"' * 10_000, "ü,".encode("latin-1") * 100):
        path = tmp_path / "odd.csv"
        path.write_bytes(content)
        assert not is_pixel_table(path)
    assert not is_pixel_table(tmp_path / "picture.png")
