"""What a Parquet footer tells: counts, bounds, and where it is silent."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from engine.modalities.table.footer import Footer, read_footers
from engine.sql import quote_text


def footer_of(connection: duckdb.DuckDBPyConnection, folder: Path, *values: object, kind: str) -> Footer:
    path = folder / "odd name, 'with' [marks].parquet"
    connection.execute(f'CREATE OR REPLACE TABLE t (place BIGINT, "a, \'b.c" {kind})')
    connection.register("given", pa.table({"place": range(len(values)), "value": values}))
    connection.execute("INSERT INTO t FROM given")
    connection.execute(f"COPY (FROM t ORDER BY place) TO {quote_text(str(path))} (ROW_GROUP_SIZE 2048)")
    return read_footers(connection, path)["a, 'b.c"]


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("BIGINT", [3, -7, None], Footer(present=2, low=-7.0, high=3.0)),
        ("BIGINT", [(1 << 53) - 1], Footer(present=1, low=2.0**53 - 1, high=2.0**53 - 1)),
        ("DOUBLE", [0.1, 0.25], Footer(present=2, low=0.1, high=0.25)),
        ("DOUBLE", [None, None], Footer(present=0, low=None, high=None)),
        ("DOUBLE", [1.0, float("nan")], Footer(present=2, low=None, high=None)),
        ("DOUBLE", [1.0, float("inf")], Footer(present=2, low=None, high=None)),
        ("DOUBLE", [1.0, float("-inf")], Footer(present=2, low=None, high=None)),
        ("VARCHAR", ["b", "é", None, "a"], Footer(present=3, low="a", high="é")),
        ("VARCHAR", ["10", "9"], Footer(present=2, low="10", high="9")),
    ],
)
def test_counts_and_bounds_come_from_the_footer(
    kind: str, values: list[object], expected: Footer, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert footer_of(connection, tmp_path, *values, kind=kind) == expected


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), float("-inf")])
def test_one_row_group_without_bounds_leaves_the_column_without(
    odd: float, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    footer = footer_of(connection, tmp_path, *[1.0] * 3000, odd, kind="DOUBLE")
    assert (footer.present, footer.is_finite) == (3001, False)
    assert footer_of(connection, tmp_path, *[1.0] * 3000, None, kind="DOUBLE").is_finite


def test_a_column_may_hold_what_lies_between_its_bounds() -> None:
    texts = Footer(present=2, low="A1", high="Bé")
    assert [texts.may_hold(text) for text in ("", "A", "A1", "B", "Bé", "Bê", "无")] == [
        *(False, False, True, True, True, False, False)
    ]
    assert texts.is_between("A", "C") and not texts.is_between("A", "B") and not texts.is_between("B", "C")


def test_silence_means_anything_unless_there_is_no_value() -> None:
    silent, empty = (Footer(present=present, low=None, high=None) for present in (2, 0))
    assert (silent.may_hold("NA"), silent.is_between("!", "~"), silent.is_finite) == (True, False, False)
    assert (empty.may_hold("NA"), empty.is_between("!", "~"), empty.is_finite) == (False, True, True)
