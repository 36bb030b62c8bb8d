"""The first rows are shown as plain values, whatever they are."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.modalities.table.preview import MOST_CHARS, first_rows


def test_first_rows_are_json_values_in_file_order(tmp_path: Path) -> None:
    table = pa.table(
        {
            "whole": pa.array([1, None, 3], pa.int64()),
            "real": pa.array([0.5, math.nan, math.inf], pa.float64()),
            "text": ["客户 <b>", None, "x" * 10_000],
        }
    )
    pq.write_table(table, tmp_path / "data.parquet")
    found = first_rows(tmp_path / "data.parquet", 200)
    assert found["columns"] == ["whole", "real", "text"]
    assert found["rows"][:2] == [[1, 0.5, "客户 <b>"], [None, None, None]]
    assert found["rows"][2][:2] == [3, None] and len(found["rows"][2][2]) == MOST_CHARS
    json.dumps(found, allow_nan=False)
    assert len(first_rows(tmp_path / "data.parquet", 2)["rows"]) == 2


def test_a_table_without_rows_has_none(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "data.parquet")
    assert first_rows(tmp_path / "data.parquet", 5) == {"columns": ["a"], "rows": []}
