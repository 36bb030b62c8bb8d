"""Evidence is what a plain count over the cells finds."""

from __future__ import annotations

from collections import Counter

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.modalities.table.evidence import Evidence, fits_whole, gather, looks_trimmed, trimmed
from engine.modalities.table.tokens import ALL_TOKENS
from engine.specs.schema import BLANKS


def look(connection: duckdb.DuckDBPyConnection, *columns: list[str | None]) -> list[Evidence]:
    names = [f"c{i}" for i in range(len(columns))]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE cells ({', '.join(f'{n} VARCHAR' for n in names)})")
    marks = ", ".join("?" * len(columns))
    connection.executemany(f"INSERT INTO cells VALUES ({marks})", list(zip(*columns, strict=True)))
    shares: list[float] = []
    found = gather(connection, "cells", names, shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0
    return found


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "NA",
            " ? ",
            "none",
            "\u00a0x\u3000",
            "\u200b7",
            "007",
            "1_0",
            "inf",
            "1e400",
            "-5.5",
            "x y",
        ]
    ),
    st.text(BLANKS + "ab1.", max_size=5),
    st.integers().map(str),
)


@pytest.mark.slow
@settings(max_examples=40)
@given(st.lists(st.one_of(st.none(), CELLS), min_size=1, max_size=30))
def test_counts_are_those_of_a_plain_loop(
    connection: duckdb.DuckDBPyConnection, cells: list[str | None]
) -> None:
    found = look(connection, cells)[0]
    kept = [cell.strip(BLANKS) for cell in cells if cell is not None]
    values = [cell for cell in kept if cell and cell not in ALL_TOKENS]
    assert found.present == sum(cell != "" for cell in kept)
    assert found.blanks == sum(cell != cell.strip(BLANKS) for cell in cells if cell is not None)
    assert found.tokens == found.present - len(values) and found.values == len(values)
    if found.top:
        assert dict(found.top) == Counter(filter(None, kept))
        assert [count for _, count in found.top] == sorted((count for _, count in found.top), reverse=True)
        assert found.distinct == len(set(values))
        assert found.mean_length == pytest.approx(sum(map(len, values)) / max(len(values), 1))


@given(st.text(BLANKS + "aé中\x1b", max_size=6))
def test_trimming_in_sql_is_trimming_in_python(connection: duckdb.DuckDBPyConnection, cell: str) -> None:
    clean, looks_clean = connection.execute(
        f"SELECT {trimmed('v')}, {looks_trimmed('v')} FROM (SELECT ? AS v)", [cell]
    ).fetchall()[0]
    assert clean == cell.strip(BLANKS)
    if looks_clean:
        assert clean == cell


def test_whole_padded_odd_and_infinite_numbers_are_told_apart(connection: duckdb.DuckDBPyConnection) -> None:
    whole, padded, odd, infinite, mixed, huge = look(
        connection,
        ["1", " -2", "NA", "3"],
        ["007", "8", "9", "10"],
        ["1_000", "2", "3", "4"],
        ["inf", "-1e400", "2.5", "3"],
        ["1", "2", "x", ""],
        ["9007199254740993", "1", "2", "3"],
    )
    assert (whole.whole, whole.largest, whole.all_numbers, fits_whole(whole)) == (3, 3.0, True, True)
    assert (padded.padded, odd.odd, infinite.infinite) == (1, 1, 2)
    assert not fits_whole(infinite) and not mixed.all_numbers and (mixed.numbers, mixed.values) == (2, 3)
    assert huge.all_numbers and not fits_whole(huge)


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        (["1,5", "2,25", "10"], {(",", ""), (",", "."), (",", " ")}),
        (["1.234,5", "2", "3"], {(",", ".")}),
        (["1,234.5", "2", "3"], {(".", ",")}),
        (["1'234", "5'678", "9"], {(".", "'")}),
        (["1 234,5", "5\u00a0678", "9"], {(",", " ")}),
        (["1,234", "5,678", "9,012"], {(".", ","), (",", ""), (",", "."), (",", " ")}),
        (["1,5", "2.5", "3"], set()),
        (["1,234.5", "1.234,5", "9"], set()),
    ],
)
def test_the_styles_that_fit_every_cell_are_kept(
    values: list[str], marks: set[tuple[str, str]], connection: duckdb.DuckDBPyConnection
) -> None:
    found = look(connection, [*values, "NA"])[0]
    assert {(style.decimal, style.thousands) for style in found.styles} == marks


@pytest.mark.slow
def test_wide_tables_are_read_in_pieces_with_each_column_its_own(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = look(connection, *[[str(i), "x" if i % 2 else "1", None] for i in range(230)])
    assert [e.numbers for e in found] == [1 if i % 2 else 2 for i in range(230)]
    assert [e.largest for e in found if e.all_numbers] == [float(max(i, 1)) for i in range(0, 230, 2)]
