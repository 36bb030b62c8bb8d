"""Pictures are read in blocks and batches, all of them once, in bounded memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.files import write_json
from engine.training import pixel_rows
from engine.training.feature_rows import DESCRIPTION
from engine.training.pixel_rows import PixelRows

SHAPE = (4, 4, 3)
COUNTS = {"train": 57, "valid": 10}


@pytest.fixture
def view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write pictures whose every pixel is their number; a block holds eight of them."""
    monkeypatch.setattr(pixel_rows, "_BLOCK_BYTES", 8 * 48)
    first = 0
    for name, count in COUNTS.items():
        numbers = np.arange(first, first + count)
        pixels = np.broadcast_to(numbers[:, None, None, None], (count, *SHAPE)).astype(np.uint8)
        (tmp_path / f"{name}.pixels").write_bytes(pixels.tobytes())
        table = pa.table({"_row": numbers, "_y": numbers * 2.0})
        pq.write_table(table, tmp_path / f"{name}.parquet")
        first += count
    write_json(tmp_path / DESCRIPTION, {"sample_shape": list(SHAPE), "rows": COUNTS})
    return tmp_path


def test_arrays_hold_all_rows_in_order(view: Path) -> None:
    rows = PixelRows(view, "train", more=["valid"])
    x, y = rows.arrays()
    assert (rows.rows, rows.sample_shape, rows.columns) == (67, SHAPE, ())
    assert x[:, 0, 0, 0].tolist() == rows.row_numbers().tolist() == list(range(67))
    assert (y == np.arange(67) * 2.0).all()


@pytest.mark.parametrize("limit", [0, 1, 7, 57, 500])
def test_a_limit_spreads_over_the_set(view: Path, limit: int) -> None:
    x, y = PixelRows(view, "train").arrays(limit)
    count = min(limit, 57)
    expected = np.arange(count) * 57 // max(1, count)
    assert x[:, 3, 3, 2].tolist() == expected.tolist()
    assert (y == expected * 2.0).all()


@pytest.mark.parametrize("size", [1, 5, 8, 16, 100])
@pytest.mark.parametrize("seed", [None, 3])
def test_batches_hold_every_picture_once_with_its_answer(view: Path, size: int, seed: int | None) -> None:
    batches = list(PixelRows(view, "train", more=["valid"]).batches(size, seed=seed))
    assert [len(x) for x, _ in batches] == [size] * (67 // size) + ([67 % size] if 67 % size else [])
    seen = np.concatenate([x[:, 0, 0, 0] for x, _ in batches])
    assert (np.concatenate([y for _, y in batches]) == seen * 2.0).all()
    assert sorted(seen.tolist()) == list(range(67))
    assert (seen.tolist() == list(range(67))) == (seed is None)
    # Whoever keeps a batch keeps no block alive with it.
    assert all(x.base is None for x, _ in batches)
