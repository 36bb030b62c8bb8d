"""How strongly each column alone goes with the target, on rows spread over the whole table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from engine.modalities.table.dates import moment_sql
from engine.specs.datetimes import BY_PATTERN
from engine.specs.profile import TargetLink
from engine.specs.schema import Column, Schema
from engine.sql import quote_name

Array = npt.NDArray[Any]
_MAX_ROWS = 100_000
_MAX_CELLS = 20_000_000
_MIN_ROWS = 10
_MAX_CLASSES = 20
_CHUNK = 16


def measure_links(
    connection: duckdb.DuckDBPyConnection, relation: str, schema: Schema, target: str | None, rows: int
) -> dict[str, TargetLink]:
    """Return the link of every column but the target, free text, identifiers and pictures.

    Numbers with a number: Spearman. A number with classes, either way round: correlation ratio, adjusted for the
    number of groups. Classes with classes: Cramér's V, bias-corrected (Bergsma 2013).
    """
    columns = [
        c
        for c in schema.columns
        if c.name != target and c.semantic not in {"text", "identifier", "constant", "image"}
    ]
    goal = schema.column(str(target))
    budget = max(1000, min(_MAX_ROWS, _MAX_CELLS // max(len(schema.columns), 1)))
    step = max(1, math.ceil(rows / budget))
    read = _reader(connection, relation, step)
    wanted = read([goal])[0]
    groups = goal.physical == "string" or len(np.unique(wanted[~np.isnan(wanted)])) <= _MAX_CLASSES
    links: dict[str, TargetLink] = {}
    for start in range(0, len(columns), _CHUNK):
        part = columns[start : start + _CHUNK]
        for column, values in zip(part, read(part), strict=True):
            if found := _link(column, values, wanted, target_has_groups=groups):
                links[column.name] = found
    return links


def _reader(
    connection: duckdb.DuckDBPyConnection, relation: str, step: int
) -> Callable[[list[Column]], list[Array]]:
    """Every `step`-th row of some columns as float arrays; strings become codes, missing is NaN."""

    def read(columns: list[Column]) -> list[Array]:
        selects = ", ".join(f"{_value(column)} AS c{i}" for i, column in enumerate(columns))
        where = f"WHERE file_row_number % {step} = 0" if step > 1 else ""
        source = relation.removesuffix(")") + ", file_row_number = true)"
        table = connection.sql(f"SELECT {selects} FROM {source} {where}").to_arrow_table()
        return [_codes(table.column(i)) for i in range(len(columns))]

    return read


def _value(column: Column) -> str:
    name = quote_name(column.name)
    if column.semantic == "datetime" and column.datetime_format:
        return f"epoch({moment_sql(name, BY_PATTERN[column.datetime_format])})"
    return name if column.physical == "string" else f"CAST({name} AS DOUBLE)"


def _codes(values: Any) -> Array:
    if str(values.type) in {"double", "float"}:
        return np.asarray(values.to_numpy(), dtype=np.float64)
    indices = values.combine_chunks().dictionary_encode().indices
    return np.asarray(indices.to_numpy(zero_copy_only=False), dtype=np.float64)


def _link(column: Column, values: Array, wanted: Array, *, target_has_groups: bool) -> TargetLink | None:
    both = ~(np.isnan(values) | np.isnan(wanted))
    x, y = values[both], wanted[both]
    if len(x) < _MIN_ROWS or x.min() == x.max() or y.min() == y.max():
        return None
    has_groups = column.physical == "string" and column.semantic != "datetime"
    if has_groups and target_has_groups:
        return TargetLink(measure="cramers_v", value=_cramers_v(x, y))
    if has_groups or target_has_groups:
        groups, numbers = (x, y) if has_groups else (y, x)
        return TargetLink(measure="correlation_ratio", value=_correlation_ratio(groups, numbers))
    return TargetLink(measure="spearman", value=_spearman(x, y))


def _cramers_v(x: Array, y: Array) -> float:
    rows, x = np.unique(x, return_inverse=True)
    columns, y = np.unique(y, return_inverse=True)
    r, k, n = len(rows), len(columns), len(x)
    pairs, counts = np.unique(x * k + y, return_counts=True)
    expected = np.bincount(x)[pairs // k] * np.bincount(y)[pairs % k] / n
    phi2 = float((counts**2 / expected).sum() / n - 1)
    phi2 = max(0.0, phi2 - (r - 1) * (k - 1) / (n - 1))
    smaller = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
    return _share(math.sqrt(phi2 / smaller)) if smaller > 0 else 0.0


def _correlation_ratio(groups: Array, numbers: Array) -> float:
    names, codes = np.unique(groups, return_inverse=True)
    n, k = len(numbers), len(names)
    if n <= k:
        return 0.0
    scale = np.abs(numbers).max() or 1.0
    centred = numbers / scale - (numbers / scale).mean()
    sizes = np.bincount(codes)
    between = float((np.bincount(codes, weights=centred) ** 2 / sizes).sum())
    total = float((centred**2).sum())
    if total <= 0:
        return 0.0
    return _share(math.sqrt(max(0.0, 1 - (1 - between / total) * (n - 1) / (n - k))))


def _spearman(x: Array, y: Array) -> float:
    return _share(abs(float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])))


def _ranks(values: Array) -> Array:
    _, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[codes], dtype=np.float64)


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 6)
