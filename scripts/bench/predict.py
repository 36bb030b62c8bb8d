"""Batch prediction: the fused file by `aimass predict` against pandas + LightGBM in Python, file to file.

Both read the same CSV of mixed columns, make the same features, ask the same trees and write a CSV of
answers. Prints rows/s of both and their ratio; the bar is 1.0. Usage: python scripts/bench/predict.py [ROWS]
[ROUNDS]
"""

from __future__ import annotations

import csv
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from engine.export.fuse import Member, fuse
from engine.export.publish import publish
from engine.families.base import Budget, Fitted, TrainingData
from engine.families.lightgbm import FAMILY
from engine.modalities.table import ImportLimits
from engine.serving.model import ServedModel
from engine.serving.predict import predict_file
from engine.specs.bundle import DatasetFacts, ModelCard
from engine.specs.features import ColumnChoice, Feature, FeaturePlan, Step
from engine.specs.params import complete
from engine.specs.schema import Column, Schema
from engine.specs.training import TaskSpec
from engine.transforms.base import TrainingRows
from engine.transforms.fitting import fit_plan

NUMBERS, CATEGORIES = 8, 7
TRAINING_ROWS = 20_000
THREADS = 2
TASK = TaskSpec(target="y", task="binary", metric="roc_auc", classes=("no", "yes"))

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Arrays:
    """Features in memory, as a family reads them."""

    x: Floats
    y: Doubles
    columns: tuple[str, ...]
    cardinalities: Mapping[int, int] = field(default_factory=dict)

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return self.x.shape[1:]

    @property
    def rows(self) -> int:
        return len(self.x)

    def arrays(self, limit: int | None = None) -> tuple[Floats, Doubles]:
        return self.x[:limit], self.y[:limit]

    def batches(self, size: int, *, seed: int | None = None) -> Iterator[tuple[Floats, Doubles]]:
        for start in range(0, self.rows, size):
            yield self.x[start : start + size], self.y[start : start + size]


def make_frame(rows: int) -> pd.DataFrame:
    """Make numbers with 5 % missing and categories of 3 to 3,000 values."""
    rng = np.random.default_rng(0)
    columns: dict[str, object] = {}
    for number in range(NUMBERS):
        values = rng.normal(50, 20, rows).round(3)
        values[rng.random(rows) < 0.05] = np.nan
        columns[f"number {number}"] = values
    for number in range(CATEGORIES):
        size = [3, 5, 8, 15, 40, 300, 3000][number % 7]
        words = np.array(["", *(f"value {i} of {size}" for i in range(size))], dtype=object)
        columns[f"category {number}"] = words[rng.integers(0, size + 1, rows)]
    return pd.DataFrame(columns)


def make_schema(frame: pd.DataFrame) -> Schema:
    columns = [
        Column(name=name, source_name=name, physical="double", semantic="number")
        if name.startswith("number")
        else Column(
            name=name, source_name=name, physical="string", semantic="category", missing_tokens=("?",)
        )
        for name in frame
    ]
    return Schema(columns=tuple(columns))


def fit_features(frame: pd.DataFrame, y: Doubles, schema: Schema) -> FeaturePlan:
    """Numbers as they are, categories as an index: the trees' view."""
    features = tuple(
        Feature(
            name=c.name, column=c.name, steps=() if c.physical == "double" else (Step(transform="index"),)
        )
        for c in schema.columns
    )
    choices = tuple(ColumnChoice(column=name, use=True, reason="bench") for name in schema.names)
    with duckdb.connect() as connection:
        train = pa.Table.from_pandas(frame.replace("", None))
        for name, values in (
            ("_row", np.arange(len(y))),
            ("_fold", np.zeros(len(y))),
            ("_y", y.astype(np.int32)),
        ):
            train = train.append_column(name, pa.array(values))
        connection.register("train", train)
        rows = TrainingRows(connection, folds=5, classes=2, seed=0)
        return fit_plan(FeaturePlan(columns=choices, views={"tree": features}), schema, rows, ["tree"])


def python_features(frame: pd.DataFrame, plan: FeaturePlan) -> Floats:
    """The same features as a data scientist would make them with pandas."""
    x = np.empty((len(frame), len(plan.views["tree"])), np.float32)
    for position, feature in enumerate(plan.views["tree"]):
        column = frame[feature.column]
        if feature.steps:
            keys = (feature.steps[0].state or {})["keys"]
            index = {key: number + 1 for number, key in enumerate(keys)}
            x[:, position] = column.map(index).fillna(len(keys) + 1).where(column.notna(), 0)
        else:
            x[:, position] = column
    return x


def train(frame: pd.DataFrame, y: Doubles, plan: FeaturePlan, rounds: int) -> Fitted:
    rows = Arrays(python_features(frame.replace("", np.nan), plan), y, tuple(frame))
    data = TrainingData(task="binary", outputs=2, train=rows, valid=rows, seed=0, threads=THREADS)
    params = complete(FAMILY.params, {"rounds": rounds}, FAMILY.name)
    return FAMILY.build(params, data, Budget(120, time.monotonic), lambda share, train, valid: None)


def predict_in_python(data: Path, out: Path, fitted: Fitted, plan: FeaturePlan) -> None:
    frame = pd.read_csv(data)
    scores = fitted.predict(python_features(frame, plan))
    answers = {"row": np.arange(len(scores)), "label": np.array(TASK.classes)[scores.argmax(axis=1)]}
    answers |= {f"probability_{name}": scores[:, i].astype(np.float32) for i, name in enumerate(TASK.classes)}
    pd.DataFrame(answers).to_csv(out, index=False)


def publish_model(fitted: Fitted, plan: FeaturePlan, schema: Schema, frame: pd.DataFrame, path: Path) -> None:
    facts = DatasetFacts(name="bench", rows=1, columns=1, train_rows=1, valid_rows=1, test_rows=1)
    card = ModelCard(
        title="Bench", created_at="", task=TASK.task, target="y", dataset=facts, metrics=(), members=()
    )
    model = fuse([Member(fitted.to_onnx(), "tree")], plan, schema, TASK)
    rows = pa.RecordBatch.from_pandas(frame.head(1000), preserve_index=False)
    publish(model, schema=schema, task=TASK, card=card, rows=rows, version="bench", path=path)


def best_rate(rows: int, work: Callable[[], object], repeats: int = 3) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return rows / min(times)


def main(rows: int, rounds: int) -> None:
    frame = make_frame(rows)
    part, schema = frame.head(TRAINING_ROWS), make_schema(frame)
    y = (np.nan_to_num(part["number 0"]) + part["category 2"].str.len() > 65).to_numpy(np.float64)
    plan = fit_features(part, y, schema)
    fitted = train(part, y, plan, rounds)
    limits = ImportLimits(threads=THREADS)
    with tempfile.TemporaryDirectory() as folder:
        data, model = Path(folder) / "data.csv", Path(folder) / "model.onnx"
        frame.to_csv(data, index=False, quoting=csv.QUOTE_MINIMAL)
        publish_model(fitted, plan, schema, part, model)
        fused_out, python_out = Path(folder) / "fused.csv", Path(folder) / "python.csv"

        def fused() -> object:
            return predict_file(
                model, data, fused_out, keep_columns=False, limits=limits, progress=lambda share: None
            )

        # The repeats of one stand between those of the other, so that a busy machine is as busy for both.
        rates = [
            (
                best_rate(rows, fused, 1),
                best_rate(rows, lambda: predict_in_python(data, python_out, fitted, plan), 1),
            )
            for _ in range(3)
        ]
        difference = np.abs(
            pd.read_csv(fused_out)["probability_yes"] - pd.read_csv(python_out)["probability_yes"]
        ).max()
        assert difference < 1e-5, difference
        trees = ServedModel.open(model)
        assert len(trees.inputs) == NUMBERS + CATEGORIES
    ours, theirs = max(rate for rate, _ in rates), max(rate for _, rate in rates)
    print(f"{rows:,} rows × {NUMBERS + CATEGORIES} columns, {rounds} rounds, CSV to CSV, {THREADS} threads")
    print(f"fused file, aimass predict : {ours:12,.0f} rows/s")
    print(f"pandas + LightGBM (baseline): {theirs:11,.0f} rows/s")
    print(f"ratio {ours / theirs:.2f} (bar 1.0), largest difference of a probability {difference:.1e}")


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:3]]
    main(*given, *(500_000, 200)[len(given) :])
