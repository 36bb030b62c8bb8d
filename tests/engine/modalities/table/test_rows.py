"""Rows for prediction: the model's own form, whatever the file looks like."""

from __future__ import annotations

import math
import random
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.errors import BadData
from engine.files import read_json
from engine.modalities.table import ImportLimits, import_table, read_rows
from engine.modalities.table.convert import lenient_sql
from engine.modalities.table.rows import _input_sql
from engine.modalities.table.source import RawTable
from engine.specs.cells import STYLES
from engine.specs.codec import from_json
from engine.specs.schema import Column, Physical, Schema

pytestmark = pytest.mark.slow


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


HOSTILE = [
    "1",
    "-2.5",
    " 3 ",
    "",
    "NA",
    "none",
    "?",
    "inf",
    "1e400",
    "1e39",
    "1_0",
    "0x1A",
    "007",
    "x",
    "it's",
    "\u3000y\u00a0",
]
HOSTILE += [
    "1,5",
    "1.234,5",
    "1,234.5",
    "1 234,5",
    "1'234",
    "9007199254740993",
    "\u200b",
    "\ufeffz",
    "a\rb",
    "é",
    "中",
    "nan",
]


@pytest.mark.parametrize("marks", [(style.decimal, style.thousands) for style in STYLES])
@pytest.mark.parametrize("physical", ["string", "int64", "double"])
@pytest.mark.parametrize("tokens", [(), ("NA", "?", "none", "it's"), ("NA", "1", "x")])
def test_the_quick_reading_of_a_cell_is_the_thorough_one(
    marks: tuple[str, str], physical: Physical, tokens: tuple[str, ...], connection: duckdb.DuckDBPyConnection
) -> None:
    column = Column(
        name="a",
        source_name="a",
        physical=physical,
        semantic="category" if physical == "string" else "number",
        missing_tokens=tokens,
        decimal=marks[0],
        thousands=marks[1],
    )
    raw = RawTable(format="csv", relation="cells", written=("a",))
    connection.execute("CREATE OR REPLACE TEMP TABLE cells (c0 VARCHAR)")
    connection.executemany("INSERT INTO cells VALUES (?)", [[cell or None] for cell in HOSTILE])
    quick, thorough = _input_sql(raw, 0, column), lenient_sql("c0", column)
    for cell, found, stored in connection.execute(f"SELECT c0, {quick}, {thorough} FROM cells").fetchall():
        if physical == "string":
            expected = stored or ""
        else:
            with np.errstate(over="ignore"):
                expected = float(np.float32(np.nan if stored is None else stored))
            # Beyond float32 the model is given no number rather than an infinite one.
            expected = expected if math.isfinite(expected) else math.nan
        assert repr(found) == repr(expected), cell


def test_rows_for_prediction_are_the_stored_rows_of_the_same_file(tmp_path: Path) -> None:
    draw = random.Random(5)
    words = ["red", " blue", "NA", "?", "无", "", "\u3000green ", "it's"]
    lines = ["n;x;word;day;flag;code"]
    for i in range(400):
        x = draw.choice(["NA", "", f"{draw.uniform(-1e6, 1e6):.3f}".replace(".", ","), " 1.234,5 "])
        day = draw.choice(["", "?", f"{1 + i % 28}.{1 + i % 12}.2024"])
        cells = [i, x, draw.choice(words), day, draw.choice(["yes", "no", "-"]), f"00{i % 7}"]
        lines.append(";".join(map(str, cells)))
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines), encoding="gb18030")
    out = tmp_path / "out"
    out.mkdir()
    import_table(path, out, limits=LIMITS, progress=lambda share: None)
    schema = from_json(Schema, read_json(out / "schema.json"))
    assert schema.column("x").decimal == "," and schema.column("word").trim
    stored = pq.read_table(out / "data.parquet").to_pydict()
    batches = read_rows(path, schema, columns=schema.names, batch_rows=64, limits=LIMITS)
    found = pa.Table.from_batches(batches).to_pydict()
    for column in schema.columns:
        values = stored[column.name]
        if column.physical == "string":
            assert found[column.name] == [value or "" for value in values]
        else:
            expected = np.array([np.nan if value is None else value for value in values], dtype=np.float32)
            np.testing.assert_array_equal(np.array(found[column.name], dtype=np.float32), expected)
