"""What a column is and what means missing in it, decided from its cells."""

from __future__ import annotations

import duckdb
import pytest

from engine.modalities.table.decide import Decision, decide_columns, is_id_name
from engine.modalities.table.evidence import gather
from engine.modalities.table.tokens import ALL_TOKENS, PLAIN_TOKENS


def decide(
    connection: duckdb.DuckDBPyConnection, columns: dict[str, list[str]]
) -> tuple[dict[str, Decision], tuple[str, str]]:
    raw = [f"c{i}" for i in range(len(columns))]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE cells ({', '.join(f'{n} VARCHAR' for n in raw)})")
    marks = ", ".join("?" * len(raw))
    connection.executemany(f"INSERT INTO cells VALUES ({marks})", list(zip(*columns.values(), strict=True)))
    names = list(columns)
    decisions, marks_of_file = decide_columns(
        names, names, gather(connection, "cells", raw, lambda share: None)
    )
    return dict(zip(names, decisions, strict=True)), marks_of_file


MANY = range(100)


@pytest.mark.parametrize(
    ("cells", "physical", "semantic"),
    [
        (["1", "2", "3"], "int64", "number"),
        (["1", " 2", "NA", "none"], "int64", "number"),
        (["1.0", "2.5", "3"], "double", "number"),
        (["inf", "2", "3"], "double", "number"),
        (["007", "008", "010"], "string", "category"),
        (["1_000", "2", "3"], "string", "category"),
        (["9007199254740993", "1", "2"], "string", "identifier"),
        (["1e400", "2", "3"], "double", "number"),
        (["", "NA", "?"], "string", "constant"),
        (["x", "x", "NA"], "string", "constant"),
        (["yes", "No", "?"], "string", "boolean"),
        (["yes", "no", "maybe"], "string", "category"),
        (["yes", "no", "?"], "string", "boolean"),
        (["是", "否", "是"], "string", "boolean"),
        (["true", "false", "unknown"], "string", "boolean"),
        (["red", "green", "red"], "string", "category"),
        (["2024-01-31", "2023-12-01", "NA"], "string", "datetime"),
        (["20240131", "20240201", "20231231", "19991231", "20200229"], "string", "datetime"),
        ([f"user{i}" for i in MANY], "string", "identifier"),
        ([f"Smith, Mr. John the {i}th" for i in MANY], "string", "text"),
        ([f"这家酒店的房间非常干净，服务也很好{i}" for i in MANY], "string", "text"),
        ([f"word{i % 7}" for i in MANY], "string", "category"),
        ([*map(str, MANY), "suppressed", "suppressed"], "double", "number"),
        ([*map(str, MANY), "suppressed"], "string", "identifier"),
        ([*map(str, MANY), "low", "high"], "string", "identifier"),
    ],
)
def test_a_column_is_what_its_cells_say(
    cells: list[str], physical: str, semantic: str, connection: duckdb.DuckDBPyConnection
) -> None:
    column = decide(connection, {"a": cells})[0]["a"].column
    assert (column.physical, column.semantic) == (physical, semantic)


def test_none_is_a_value_of_a_category_and_missing_elsewhere(connection: duckdb.DuckDBPyConnection) -> None:
    found, _ = decide(
        connection,
        {
            "kind": ["none", "oil", "oil", "gas"],
            "size": ["none", "1", "2", "3"],
            "day": ["none", "2024-01-01", "2024-01-02", "2024-01-03"],
            "flag": ["none", "yes", "no", "no"],
        },
    )
    assert found["kind"].column.missing_tokens == PLAIN_TOKENS
    assert found["kind"].notes == ("Column 'kind': 'none' was kept as a value, not read as missing.",)
    assert "none" in found["flag"].column.missing_tokens and found["flag"].notes == ()
    assert found["size"].column.missing_tokens == ALL_TOKENS and found["size"].notes == ()
    assert "none" in found["day"].column.missing_tokens and "无" not in found["day"].column.missing_tokens


def test_a_lone_word_among_numbers_is_missing_and_said(connection: duckdb.DuckDBPyConnection) -> None:
    decision = decide(connection, {"a": [*map(str, MANY), "hidden", "hidden"]})[0]["a"]
    assert decision.column.missing_tokens == (*ALL_TOKENS, "hidden")
    assert "'hidden'" in decision.notes[0]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"a": ["1,5", "2,25"], "b": ["1.000", "2.000"]}, {"a": (",", ""), "b": (",", ".")}),
        ({"a": ["1.5", "2.25"], "b": ["1,000", "2,000"]}, {"a": (".", ""), "b": (".", ",")}),
        ({"a": ["x", "y"], "b": ["1.000", "2.000"]}, {"b": (".", "")}),
        ({"a": ["1.234.567", "8"], "b": ["1.000", "2.000"]}, {"a": (",", "."), "b": (",", ".")}),
        ({"a": ["1 234,5", "6"], "b": ["7", "8"]}, {"a": (",", " "), "b": (".", "")}),
        ({"a": ["1'234.5", "6"]}, {"a": (".", "'")}),
    ],
)
def test_marks_of_one_column_help_to_read_another(
    columns: dict[str, list[str]],
    expected: dict[str, tuple[str, str]],
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = {name: decision.column for name, decision in decide(connection, columns)[0].items()}
    numbers = {n: (c.decimal, c.thousands) for n, c in found.items() if c.physical != "string"}
    assert numbers == expected


def test_the_marks_of_the_file_are_those_of_most_number_columns(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    columns = {"a": ["1,5", "2,5"], "b": ["2,5", "3,5"], "c": ["1.000,5", "2"], "d": ["x", "y"]}
    assert decide(connection, columns)[1] == (",", "")
    assert decide(connection, {"d": ["x", "y"]})[1] == (".", "")


def test_outer_blanks_and_numbers_in_text_are_remembered(connection: duckdb.DuckDBPyConnection) -> None:
    found, _ = decide(connection, {"a": [f" {i}.5 kmpl" for i in MANY], "b": [f"k{i % 5}" for i in MANY]})
    assert found["a"].column.trim and not found["b"].column.trim
    assert found["a"].column.number_text is not None and found["a"].column.number_text.unit == "kmpl"
    assert found["b"].column.number_text is None


@pytest.mark.parametrize(
    "name", ["id", "ID", "customerID", "order_id", "row.index", "编号", "订单 编号", "user-uuid"]
)
def test_names_of_identifiers_are_known(name: str) -> None:
    assert is_id_name(name)


@pytest.mark.parametrize("name", ["paid", "humid", "COVID", "identity", "monkey", "id_type", ""])
def test_words_that_only_end_like_one_are_not(name: str) -> None:
    assert not is_id_name(name)
