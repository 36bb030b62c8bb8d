"""Bring one data set to where models are chosen, by the product's own steps, with features of the judged rows too."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from engine.files import read_json
from engine.modalities.table import open_database
from engine.pipeline import run_pipeline
from engine.run import Run
from engine.specs.codec import from_json
from engine.specs.features import TABLE_VIEWS, ViewName
from engine.specs.run import RunPaths, RunSpec
from engine.specs.split import SplitSpec
from engine.sql import parquet, quote_text
from engine.training.folds import FeatureWriter
from engine.training.materialise import Sample, prepare_rows
from scripts.knowledge.sets import TEST_SHARE, Source

MEMORY_BYTES = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A run folder up to its split, and its features: train and valid, and those of the rows that judge."""

    run: Run
    features: Path
    judged: Path
    views: tuple[ViewName, ...]


def open_run(source: Source, file: Path, folder: Path, seed: int) -> Run:
    """Return the run of a sample, done up to its split."""
    task = source.task if source.task == "regression" else None
    spec = RunSpec(data=str(file), target=source.target, task=task, test_share=TEST_SHARE, seed=seed)  # type: ignore[arg-type]
    begun = time.monotonic()
    run = Run(
        spec=spec,
        paths=RunPaths(folder),
        clock=lambda: time.monotonic() - begun,
        now=lambda: datetime.now(UTC).isoformat(timespec="seconds"),
        emit=lambda event: None,
        step_seconds=dict,
        threads=1,
        memory_bytes=MEMORY_BYTES,
        version="knowledge",
    )
    folder.mkdir(parents=True, exist_ok=True)
    run_pipeline(run, until="split")
    return run


def prepare(run: Run) -> Prepared:
    """Write the features: all is fitted on training rows alone; judged rows are as a client would send them."""
    plan = run.usable_plan()
    views = tuple(view for view in plan.filled_views if view in TABLE_VIEWS)
    with open_database(run.limits) as connection:
        as_judges = run.paths.folder / "judges.parquet"
        connection.execute(
            "COPY (SELECT * REPLACE (CASE _set WHEN 'test' THEN 'valid' WHEN 'valid' THEN 'test' ELSE _set END "
            f"AS _set) FROM {parquet(run.paths.split_rows)}) TO {quote_text(str(as_judges))} (FORMAT parquet)"
        )
        judged = run.paths.folder / "judged"
        _write(run, connection, run.paths.split_rows, run.paths.features, views)
        _write(run, connection, as_judges, judged, views)
    return Prepared(run=run, features=run.paths.features, judged=judged, views=views)


def _write(
    run: Run, connection: duckdb.DuckDBPyConnection, split: Path, folder: Path, views: tuple[ViewName, ...]
) -> None:
    rows = folder / "rows"
    prepare_rows(connection, data=run.paths.data, split=split, schema=run.schema, task=run.task, folder=rows)
    FeatureWriter(
        connection=connection,
        data=run.paths.data,
        rows=rows,
        schema=run.schema,
        task=run.task,
        split=from_json(SplitSpec, read_json(run.paths.split_spec)),
        samples={view: Sample(seed=run.spec.seed) for view in views},
        runner=lambda graph: lambda feeds: feeds["never"],
        threads=run.threads,
    ).write(run.usable_plan(), folder, 0)
