"""Decide whether models are judged on one validation set or on folds, and write the features for either."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from engine.specs.features import GRAPH_VIEWS, TABLE_VIEWS, FeaturePlan, ViewName
from engine.specs.schema import Schema
from engine.specs.split import SplitSpec
from engine.specs.training import TaskSpec
from engine.splitters import splitter
from engine.training.materialise import Part, Sample, materialise, training_rows
from engine.training.shards import PixelWriter, Runner
from engine.transforms.fitting import fit_plan

#: Training and validation rows up to which models are cross-validated. Beyond, the validation rows are more than
#: 1,000 and tell a ROC AUC within about 0.01 already, while training each model eleven times takes too long.
MOST_ROWS = 200_000
#: Rows that a second of training allows for: in five seconds for 500 rows the first half of the models is finished.
ROWS_PER_S = 1_000


def count_folds(
    connection: duckdb.DuckDBPyConnection,
    rows: Path,
    split: SplitSpec,
    *,
    seconds: float,
    views: Collection[str] = TABLE_VIEWS,
) -> int:
    """Return on how many folds models are judged in turn; 0 where the split's validation rows judge alone.

    Many rows need no folds, and little time allows none: too few models would be finished. Rows in order of time
    allow none: a model may not learn from later rows than it is judged on. Few large groups make none: a fold
    without rows, or one with most of them, would be left. Pictures allow none: one network takes the time there is.
    rows: folder of `prepare_rows`.  seconds: that are left for training.
    """
    if splitter(split.splitter).ordered or not set(views).isdisjoint(GRAPH_VIEWS):
        return 0
    query = f"SELECT count(*) FROM {Part.whole(rows).train} GROUP BY _fold"
    sizes = [int(count) for (count,) in connection.execute(query).fetchall()]
    if sum(sizes) > min(MOST_ROWS, ROWS_PER_S * seconds):
        return 0
    if len(sizes) < split.folds or max(sizes) > sum(sizes) / 2:
        return 0
    return split.folds


@dataclass(frozen=True, kw_only=True)
class FeatureWriter:
    """Fits a plan and writes features.

    data: Parquet of the raw columns.   rows: folder of `prepare_rows`.   samples: view → rows to write of it; with
    folds all rows are written, since models can only be compared on the same ones.   runner: opens a graph that
    makes a view.   progress: told the share of views written.
    """

    connection: duckdb.DuckDBPyConnection
    data: Path
    rows: Path
    schema: Schema
    task: TaskSpec
    split: SplitSpec
    samples: dict[ViewName, Sample]
    runner: Runner
    threads: int
    progress: Callable[[float], None] = lambda share: None

    def write(self, plan: FeaturePlan, folder: Path, folds: int) -> FeaturePlan:
        """Fit `plan`, write folder/<view> for every view and return the fitted plan.

        folds: above 0 where folds judge: validation rows are training rows then.
        """
        part = Part.whole(self.rows) if folds else Part.as_split(self.rows)
        fitting = training_rows(
            self.connection,
            part,
            classes=len(self.task.classes),
            folds=self.split.folds,
            seed=self.split.seed,
        )
        fitted = fit_plan(plan, self.schema, fitting, tuple(self.samples))
        for number, (view, sample) in enumerate(self.samples.items()):
            if view in GRAPH_VIEWS:
                self._write_pixels(fitted, part, folder, sample, number)
            else:
                materialise(
                    self.connection,
                    part=part,
                    schema=self.schema,
                    plan=fitted,
                    view=view,
                    folder=folder,
                    sample=replace(sample, most_rows=None) if folds else sample,
                )
            self.progress((number + 1) / len(self.samples))
        return fitted

    def _write_pixels(self, plan: FeaturePlan, part: Part, folder: Path, sample: Sample, number: int) -> None:
        writer = PixelWriter(
            connection=self.connection,
            data=self.data,
            schema=self.schema,
            runner=self.runner,
            threads=self.threads,
            progress=lambda share: self.progress((number + share) / len(self.samples)),
        )
        writer.write(part, plan, folder, sample)
