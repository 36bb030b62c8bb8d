"""A small table with its schema, split and plan, for tests of training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
import pyarrow.parquet as pq

from engine.specs.features import ColumnChoice, Feature, FeaturePlan, Step, ViewName
from engine.specs.schema import Column, Schema
from engine.specs.split import SplitSpec
from engine.specs.training import TaskSpec
from engine.training.folds import FeatureWriter
from engine.training.materialise import Sample, prepare_rows

ROWS = 500
VIEWS: tuple[ViewName, ...] = ("tree", "linear", "deep")
SCHEMA = Schema(
    columns=(
        Column(name="size", source_name="size", physical="double", semantic="number"),
        Column(name="city name", source_name="city name", physical="string", semantic="category"),
        Column(name="sold", source_name="sold", physical="string", semantic="category"),
    )
)
TASK = TaskSpec(target="sold", task="binary", metric="roc_auc", classes=("no", "yes"))
PLAN = FeaturePlan(
    columns=(
        ColumnChoice(column="size", use=True, reason="A number."),
        ColumnChoice(column="city name", use=True, reason="A category."),
    ),
    views={
        "tree": (
            Feature(name="size", column="size", steps=()),
            Feature(name="city", column="city name", steps=(Step(transform="target_encode"),)),
        ),
        "linear": (
            Feature(
                name="size", column="size", steps=(Step(transform="impute"), Step(transform="standardise"))
            ),
            Feature(name="city", column="city name", steps=(Step(transform="one_hot"),)),
        ),
        "deep": (
            Feature(
                name="size", column="size", steps=(Step(transform="impute"), Step(transform="standardise"))
            ),
            Feature(name="city", column="city name", steps=(Step(transform="index"),)),
        ),
    },
)


@dataclass(frozen=True)
class MadeRun:
    """The files of a run up to its features."""

    folder: Path
    plan: FeaturePlan

    @property
    def rows(self) -> Path:
        return self.folder / "rows"

    @property
    def features(self) -> Path:
        return self.folder / "features"

    @property
    def models(self) -> Path:
        return self.folder / "models"


def runner(graph: onnx.ModelProto) -> Callable[[Mapping[str, Any]], Any]:
    """Open a graph that makes a view."""
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    return lambda feeds: session.run(None, dict(feeds))[0]


def make_run(folder: Path, *, folds: int = 0) -> MadeRun:
    """Write data and split, fit the plan and write all views under `folder`; for a bag with `folds`."""
    rng = np.random.default_rng(0)
    size = rng.normal(100.0, 20.0, ROWS)
    city = rng.choice(["Oslo", "Rome", "北京"], ROWS)
    sold = np.where(size + 30.0 * (city == "Rome") + rng.normal(0, 10, ROWS) > 110.0, "yes", "no")
    data = pa.table(
        {
            "size": pa.array(size, mask=rng.random(ROWS) < 0.1),
            "city name": pa.array(city.tolist()),
            "sold": pa.array([None if i % 50 == 0 else str(value) for i, value in enumerate(sold)]),
        }
    )
    pq.write_table(data, folder / "data.parquet")
    kept = [i for i in range(ROWS) if i % 50]
    split = pa.table(
        {
            "_row": kept,
            "_set": [("valid", "test", "train", "train", "train")[i % 5] for i in kept],
            "_fold": pa.array([i % 7 % 5 for i in kept], pa.int8()),
        }
    )
    pq.write_table(split, folder / "split.parquet")
    with duckdb.connect() as connection:
        prepare_rows(
            connection,
            data=folder / "data.parquet",
            split=folder / "split.parquet",
            schema=SCHEMA,
            task=TASK,
            folder=folder / "rows",
        )
        writer = FeatureWriter(
            connection=connection,
            data=folder / "data.parquet",
            rows=folder / "rows",
            schema=SCHEMA,
            task=TASK,
            split=SplitSpec(splitter="random"),
            samples={view: Sample(seed=0) for view in VIEWS},
            runner=runner,
            threads=1,
        )
        plan = writer.write(PLAN, folder / "features", folds)
    return MadeRun(folder=folder, plan=plan)
