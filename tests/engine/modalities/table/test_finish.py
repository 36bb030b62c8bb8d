"""What only the whole column tells: constants, identifiers, day or month, infinite and unclean cells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from engine.modalities.table.finish import count_infinite, count_unclean, finish_columns
from engine.specs.schema import Column, Semantic

ROWS = 40


def write(folder: Path, **columns: list[object]) -> Path:
    path = folder / "data.parquet"
    with duckdb.connect() as database:
        database.from_arrow(pa.table(columns)).write_parquet(str(path))
    return path


def number(name: str, semantic: Semantic = "number") -> Column:
    return Column(name=name, source_name=name, physical="int64", semantic=semantic)


def text(name: str, semantic: Semantic = "category", pattern: str | None = None) -> Column:
    return Column(name=name, source_name=name, physical="string", semantic=semantic, datetime_format=pattern)


@pytest.mark.parametrize(
    ("column", "values", "semantic"),
    [
        (number("a"), [7] * ROWS, "constant"),
        (number("a"), [7] * (ROWS - 1) + [None], "number"),
        (number("a"), [None] * ROWS, "constant"),
        (number("a"), list(range(ROWS)), "identifier"),
        (number("a"), list(range(1, ROWS + 1)), "identifier"),
        (number("a"), list(range(ROWS))[::-1], "number"),
        (number("a"), list(range(1950, 1950 + ROWS)), "number"),
        (number("a"), list(range(0, 2 * ROWS, 2)), "number"),
        (number("order_id"), [i * 37 % 1000 for i in range(ROWS)], "identifier"),
        (number("order_id"), [i % 5 for i in range(ROWS)], "number"),
        (number("a"), list(range(19)) + [None] * (ROWS - 19), "number"),
        (text("a", "constant"), ["x"] * ROWS, "constant"),
        (text("a", "constant"), ["x"] * (ROWS - 1) + ["late"], "category"),
        (text("a", "constant"), ["x"] * (ROWS - 1) + [None], "category"),
        (text("a", "identifier"), [f"u{i}" for i in range(ROWS)], "identifier"),
        (text("a", "identifier"), [f"u{i % 20}" for i in range(ROWS)], "category"),
        (text("a"), ["x"] * ROWS, "category"),
    ],
)
def test_the_whole_column_settles_what_the_sample_guessed(
    column: Column,
    values: list[object],
    semantic: str,
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
) -> None:
    data = write(tmp_path, **{column.name: values})
    finished, _ = finish_columns(connection, data, [column], len(values))
    assert finished == [replace(column, semantic=semantic)]  # type: ignore[arg-type]


def test_one_row_makes_no_constant_and_a_late_day_settles_the_month(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert finish_columns(connection, write(tmp_path, a=[7]), [number("a")], 1)[0] == [number("a")]
    days = ["1/2/2024"] * 30 + ["13/2/2024"]
    column = text("d", "datetime", "%m/%d/%Y")
    found, _ = finish_columns(connection, write(tmp_path, d=days), [column], len(days))
    assert found == [replace(column, datetime_format="%d/%m/%Y")]


def test_infinite_numbers_and_unclean_texts_are_counted_by_column(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    data = write(
        tmp_path,
        a=[1.5, float("inf"), float("-inf"), None],
        b=[1.0, 2.0, 3.0, None],
        c=[" x", "y\t", "NA", "it's"],
        d=["x", "y", "na", None],
        e=["\u3000x", "a b", "", "\u00a0"],
    )
    doubles = [replace(number(name), physical="double") for name in "ab"]
    texts = [replace(text(name), missing_tokens=("NA", "it's")) for name in "cde"]
    assert count_infinite(connection, data, [*doubles, *texts]) == {"a": 2}
    assert count_unclean(connection, data, [*doubles, *texts]) == {"c": (2, 2), "e": (3, 1)}


def test_wide_tables_are_finished_in_pieces(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    names = [f"n{i}" for i in range(450)]
    data = write(tmp_path, **{name: [1, 1, i % 2] for i, name in enumerate(names)})
    finished, _ = finish_columns(connection, data, [number(name) for name in names], 3)
    assert [column.name for column in finished] == names
    assert [column.semantic for column in finished] == ["number", "constant"] * 225
