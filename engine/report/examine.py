"""Put the chosen model before the untouched test rows, beside guessing and a straight line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.evaluation.evaluate import evaluate
from engine.evaluation.importance import permutation_importance
from engine.evaluation.metrics import metric
from engine.evaluation.thresholds import at
from engine.families.base import Budget
from engine.serving.model import answer
from engine.serving.session import Session
from engine.serving.stored_rows import read_target, rows_of_set, stream_rows
from engine.specs.evaluation import Evaluation, Importance
from engine.specs.margins import Margins
from engine.specs.profile import Profile
from engine.specs.schema import Schema
from engine.specs.training import LabelThreshold, TaskSpec

#: Categories with more values than this make slices too small to say anything.
MOST_SLICE_VALUES = 50
MOST_SLICE_COLUMNS = 6
IMPORTANCE_ROWS = 2_000


@dataclass(frozen=True, kw_only=True)
class TestRows:
    """Where the untouched rows are and what they are asked."""

    __test__ = False  # a noun of ours, no test class of pytest's

    connection: duckdb.DuckDBPyConnection
    data: Path
    split: Path
    schema: Schema
    task: TaskSpec

    def query(self, *, limit: int | None = None) -> str:
        return rows_of_set(self.split, "test", limit=limit)

    def target(self, *, limit: int | None = None) -> npt.NDArray[np.float64]:
        """Return y in file order."""
        query = self.query(limit=limit)
        return read_target(self.connection, self.data, self.task.target, self.task.classes, query)


def score_rows(model: bytes, rows: TestRows, *, threads: int) -> npt.NDArray[np.float64]:
    """Return the fused file's scores (rows, outputs) on all test rows in file order: what a client would get."""
    session = Session(model, threads=threads)
    inputs = session.inputs()
    parts = [
        answer(session, batch, inputs).scores
        for batch in stream_rows(rows.connection, rows.data, rows.schema, rows.query(), columns=list(inputs))
    ]
    scores = np.concatenate(parts) if parts else np.empty((0, rows.task.outputs), np.float32)
    return scores.astype(np.float64)


def examine(
    models: Mapping[str, bytes],
    rows: TestRows,
    profile: Profile,
    thresholds: Mapping[str, LabelThreshold | None] | None = None,
    margins: Margins | None = None,
    *,
    seed: int,
    threads: int,
) -> Evaluation:
    """Return what the test rows say.

    models: "chosen", "baseline" and, where there is one, "linear".   thresholds: of their labels, where they have one.
    margins: around the chosen one's answers, where it has them.
    """
    scores = {name: score_rows(model, rows, threads=threads) for name, model in models.items()}
    return evaluate(
        rows.task,
        rows.target(),
        scores,
        thresholds=thresholds,
        margins=margins,
        slices=_slices(rows, profile),
        seed=seed,
    )


def weigh_columns(
    model: bytes,
    rows: TestRows,
    budget: Budget,
    *,
    seed: int,
    threads: int,
    threshold: LabelThreshold | None = None,
) -> Importance:
    """Return the permutation importance of the raw columns that the model reads; a picture alone needs no weighing.

    threshold: of the model's label, where it has one.
    """
    session = Session(model, threads=threads)
    inputs = session.inputs()
    if list(inputs.values()) == ["image"]:
        return Importance(metric=rows.task.metric, rows=0, repeats=0, columns=())
    query = rows.query(limit=IMPORTANCE_ROWS)
    batches = list(
        stream_rows(
            rows.connection,
            rows.data,
            rows.schema,
            query,
            columns=list(inputs),
            batch_rows=IMPORTANCE_ROWS,
        )
    )
    sample = pa.Table.from_batches(batches).combine_chunks().to_batches()[0]

    def predict(batch: pa.RecordBatch) -> npt.NDArray[np.float64]:
        return answer(session, batch, inputs).scores.astype(np.float64)

    return permutation_importance(
        predict,
        sample,
        rows.target(limit=IMPORTANCE_ROWS),
        metric=at(metric(rows.task.metric), threshold.value if threshold else None),
        budget=budget,
        seed=seed,
    )


def _slices(rows: TestRows, profile: Profile) -> dict[str, Any]:
    """Return the test rows' values of the categories that go most closely with the target."""
    facts = profile.by_name
    names = [
        column.name
        for column in rows.schema.columns
        if column.name != rows.task.target
        and column.measured_from is None
        and column.semantic in ("category", "boolean")
        and column.name in facts
        and 2 <= facts[column.name].distinct <= MOST_SLICE_VALUES
    ]
    names.sort(key=lambda name: -(link.value if (link := facts[name].target_link) else 0.0))
    chosen = names[:MOST_SLICE_COLUMNS]
    if not chosen:
        return {}
    batches = stream_rows(rows.connection, rows.data, rows.schema, rows.query(), columns=chosen)
    table = pa.Table.from_batches(list(batches))
    return {
        name: table.column(name).cast(pa.string()).to_numpy(zero_copy_only=False).astype(object)
        for name in chosen
    }
