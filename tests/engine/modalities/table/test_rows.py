"""Rows for prediction: the model's own form, whatever the file looks like."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from engine.errors import BadData
from engine.modalities.table import ImportLimits, read_rows
from engine.specs.schema import Column, Schema

LIMITS = ImportLimits(memory_bytes=256 << 20, threads=1)
SCHEMA = Schema(
    columns=(
        Column(
            name="size", source_name=" size", physical="double", semantic="number", missing_tokens=("NA", "?")
        ),
        Column(
            name="kind",
            source_name="kind",
            physical="string",
            semantic="category",
            trim=True,
            missing_tokens=("?",),
        ),
        Column(name="price", source_name="price", physical="double", semantic="number"),
    )
)


def read(
    path: Path, columns: tuple[str, ...] = ("size", "kind"), batch_rows: int = 1000
) -> list[dict[str, object]]:
    batches = list(read_rows(path, SCHEMA, columns=columns, batch_rows=batch_rows, limits=LIMITS))
    assert all(batch.num_rows <= batch_rows for batch in batches)
    for batch in batches:
        assert (
            batch.schema.field("size").type == pa.float32() and batch.schema.field("kind").type == pa.string()
        )
    return [row for batch in batches for row in batch.to_pylist()]


def shown(rows: list[dict[str, object]]) -> list[tuple[str, str]]:
    return [(str(row["size"]), str(row["kind"])) for row in rows]


def test_extra_columns_other_order_and_no_target(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("kind , extra, size\n red ,x, 1.5\n?,y,NA\n,z,inf\nblue,w,word\n")
    assert shown(read(path)) == [("1.5", "red"), ("nan", ""), ("nan", ""), ("nan", "blue")]


def test_another_delimiter_and_encoding(tmp_path: Path) -> None:
    path = tmp_path / "new.txt"
    path.write_bytes("size;kind\n2;红色\n3;蓝色\n".encode("gb18030"))
    assert shown(read(path)) == [("2.0", "红色"), ("3.0", "蓝色")]


def test_a_large_file_streams_in_order_and_both_ways_agree(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_text("size,kind\n" + "".join(f"{i},k{i % 7}\n" for i in range(30_000)))
    careful = read(path, batch_rows=10_000)
    fast = list(
        read_rows(
            path,
            SCHEMA,
            columns=("size", "kind"),
            batch_rows=10_000,
            limits=ImportLimits(threads=2, careful_bytes=0),
        )
    )
    assert [row for batch in fast for row in batch.to_pylist()] == careful
    assert [row["size"] for row in careful] == list(range(30_000))


def test_a_missing_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("Size,kind\n1,a\n2,b\n")
    with pytest.raises(BadData, match=r"no column 'size'.*'Size'"):
        read(path)


def test_a_row_that_does_not_fit_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text("size,kind\n1,a\n2\n3,c\n")
    with pytest.raises(BadData, match="line 3"):
        read(path)
