"""Small tables as Parquet with their schema, a connection, and a task over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.specs.schema import Column, Schema, Semantic
from engine.specs.split import Leak, SplitSpec, SplitSummary
from engine.specs.training import TaskSpec
from engine.splitters.divide import divide
from engine.splitters.leakage import find_leaks


@dataclass(frozen=True)
class Case:
    """A table on disk.   target: its last column."""

    connection: duckdb.DuckDBPyConnection
    data: Path
    schema: Schema
    task: TaskSpec

    @property
    def out(self) -> Path:
        return self.data.with_name("split.parquet")

    def divide(self, splitter: str = "stratified", **fields: Any) -> SplitSummary:
        spec = SplitSpec(splitter=splitter, **fields)
        return divide(self.connection, self.data, self.schema, self.task, spec, self.out)

    def sets(self) -> dict[int, str]:
        rows = pq.read_table(self.out).to_pydict()
        return dict(zip(rows["_row"], rows["_set"], strict=True))

    def leaks(self) -> dict[str, Leak]:
        self.divide()
        found = find_leaks(self.connection, self.data, self.out, self.schema, self.task)
        return {leak.column: leak for leak in found}


MakeCase = Callable[..., Case]


@pytest.fixture
def make_case(tmp_path: Path) -> Iterator[MakeCase]:
    """Write columns (the last is the target) to Parquet; text and few whole numbers are classes."""
    connection = duckdb.connect(config={"threads": 2})

    def make(columns: Mapping[str, Sequence[Any]], semantics: Mapping[str, Semantic] | None = None) -> Case:
        arrays = {name: pa.array(values) for name, values in columns.items()}
        data = tmp_path / "data.parquet"
        pq.write_table(pa.table(arrays), data)
        schema = Schema(
            columns=tuple(_column(name, array, (semantics or {}).get(name)) for name, array in arrays.items())
        )
        target = schema.columns[-1]
        labels = {str(value) for value in columns[target.name] if value is not None}
        is_class = target.physical != "double" and len(labels) <= 10
        task = TaskSpec(
            target=target.name,
            task="multiclass" if is_class else "regression",
            metric="log_loss" if is_class else "rmse",
            classes=tuple(sorted(labels)) if is_class else (),
        )
        return Case(connection=connection, data=data, schema=schema, task=task)

    yield make
    connection.close()


def _column(name: str, array: pa.Array, semantic: Semantic | None) -> Column:
    if pa.types.is_string(array.type):
        form = "%Y-%m-%d" if semantic == "datetime" else None
        return Column(
            name=name,
            source_name=name,
            physical="string",
            semantic=semantic or "category",
            datetime_format=form,
        )
    physical = "int64" if pa.types.is_integer(array.type) else "double"
    return Column(name=name, source_name=name, physical=physical, semantic=semantic or "number")
