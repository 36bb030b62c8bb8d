"""Links with the target are the textbook measures, held against scipy."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from engine.modalities.table.links import measure_links
from engine.specs.profile import TargetLink
from engine.specs.schema import Column, Schema
from engine.sql import parquet

ROWS = 500


def links(
    connection: duckdb.DuckDBPyConnection, folder: Path, columns: dict[str, object], **semantics: str
) -> dict[str, TargetLink]:
    table = pa.table(columns)
    pq.write_table(table, folder / "data.parquet")
    made = []
    for field in table.schema:
        is_text = field.type == pa.string()
        made.append(
            Column(
                name=field.name,
                source_name=field.name,
                physical="string" if is_text else "double",
                semantic=semantics.get(field.name, "category" if is_text else "number"),  # type: ignore[arg-type]
                datetime_format="%Y-%m-%d" if semantics.get(field.name) == "datetime" else None,
            )
        )
    relation = parquet(folder / "data.parquet")
    return measure_links(connection, relation, Schema(columns=tuple(made)), "y", table.num_rows)


def test_two_numbers_are_linked_by_spearman(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    y = draw.normal(size=ROWS)
    noisy = np.round(-y + draw.normal(size=ROWS), 1)
    days = np.datetime64("2020-01-01") + np.argsort(np.argsort(y))
    found = links(
        connection,
        tmp_path,
        {"y": y, "noisy": noisy, "exp": np.exp(y), "day": days.astype(str)},
        day="datetime",
    )
    assert {link.measure for link in found.values()} == {"spearman"}
    assert found["noisy"].value == pytest.approx(abs(stats.spearmanr(y, noisy).statistic), abs=1e-6)
    assert found["exp"].value == found["day"].value == 1.0


def test_two_category_columns_are_linked_by_the_corrected_cramers_v(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    draw = np.random.default_rng(2)
    y = draw.choice(["a", "b", "c"], ROWS)
    x = np.where(draw.random(ROWS) < 0.4, y, draw.choice(["a", "b", "d", "e"], ROWS))
    found = links(connection, tmp_path, {"y": y, "x": x, "copy": np.char.add(y, "!")})
    counts = stats.contingency.crosstab(x, y).count
    r, k = counts.shape
    phi2 = stats.chi2_contingency(counts, correction=False).statistic / ROWS
    phi2 = max(0.0, phi2 - (r - 1) * (k - 1) / (ROWS - 1))
    smaller = min(r - (r - 1) ** 2 / (ROWS - 1), k - (k - 1) ** 2 / (ROWS - 1)) - 1
    assert found["x"] == TargetLink(
        measure="cramers_v", value=pytest.approx(np.sqrt(phi2 / smaller), abs=1e-6)
    )
    assert found["copy"].value == 1.0


@pytest.mark.parametrize("target_is_text", [True, False])
def test_a_number_and_groups_are_linked_by_the_adjusted_correlation_ratio(
    target_is_text: bool, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    draw = np.random.default_rng(3)
    groups = draw.choice(["a", "b", "c"], ROWS)
    numbers = 1e9 + draw.normal(size=ROWS) + np.select([groups == "a", groups == "b"], [1.0, -1.0])
    y, x = (groups, numbers) if target_is_text else (numbers, groups)
    f = stats.f_oneway(*(numbers[groups == name] for name in "abc")).statistic
    explained = f * 2 / (f * 2 + ROWS - 3)
    adjusted = 1 - (1 - explained) * (ROWS - 1) / (ROWS - 3)
    found = links(connection, tmp_path, {"y": y, "x": x})["x"]
    assert found == TargetLink(measure="correlation_ratio", value=pytest.approx(np.sqrt(adjusted), abs=1e-5))


def test_noise_with_a_group_per_row_or_two_is_no_link(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    draw = np.random.default_rng(4)
    pairs = [f"g{i // 2}" for i in range(ROWS)]
    alone = [f"g{i}" for i in range(ROWS)]
    found = links(connection, tmp_path, {"y": draw.normal(size=ROWS), "pairs": pairs, "alone": alone})
    assert found["pairs"].value < 0.3 and found["alone"].value == 0.0


def test_only_rows_with_both_values_count_and_too_few_are_no_evidence(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    y = [float(i) for i in range(30)]
    half = [float(-i) if i < 15 else None for i in range(30)]
    few = [float(i) if i < 9 else None for i in range(30)]
    same = [1.0 if i < 15 else None for i in range(30)]
    words = [f"w{i}" for i in range(30)]
    found = links(
        connection,
        tmp_path,
        {"y": y, "half": half, "few": few, "same": same, "words": words, "key": words},
        words="text",
        key="identifier",
    )
    assert found == {"half": TargetLink(measure="spearman", value=1.0)}


def test_a_long_table_is_read_in_steps_over_its_whole_length(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = 250_000
    y = np.arange(rows, dtype=float)
    late = np.where(y < rows / 2, 0.0, y)
    found = links(connection, tmp_path, {"y": y, "late": late})["late"]
    assert found.value == pytest.approx(stats.spearmanr(y[::3], late[::3]).statistic, abs=1e-6)
