"""Build a small, real model file: hostile names, a fitted plan, hand-made bodies, fused and published."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import onnx
import pyarrow as pa
from onnx import TensorProto

from engine.export.fuse import Member, fuse
from engine.export.publish import BundleFacts, publish
from engine.specs.bundle import DatasetFacts, IntervalFacts, MemberFacts, MetricValue, ModelCard
from engine.specs.features import ColumnChoice, Feature, FeaturePlan, Step
from engine.specs.margins import Margins
from engine.specs.schema import Column, Schema, Semantic
from engine.specs.training import TaskSpec
from engine.transforms.base import TrainingRows
from engine.transforms.compile_onnx import add_inputs, add_view
from engine.transforms.fitting import fit_plan
from engine.transforms.graph import Graph

CLASSES = ("是 yes", 'it\'s "no"')
TARGET = "target; 答案"
#: Around the answers of the small model, in three bands.
MARGINS = Margins(level=0.9, edges=(-0.5, 0.25), below=(1.5, 0.5, 0.75), above=(0.5, 1.0, 2.5), rows=300)
AGE, FEATURES, CITY = "age in years", "features", "the \"city\" 城市, 'x'"


@dataclass(frozen=True)
class Table:
    """Raw columns as imported; None is missing."""

    values: dict[str, list[float | None] | list[str | None]]
    semantics: dict[str, Semantic] = field(default_factory=dict)

    @property
    def schema(self) -> Schema:
        columns = [self._column(name) for name in self.values]
        return Schema(
            columns=(
                *columns,
                Column(name=TARGET, source_name=TARGET, physical="string", semantic="category"),
            )
        )

    def _column(self, name: str) -> Column:
        is_text = any(isinstance(value, str) for value in self.values[name])
        return Column(
            name=name,
            source_name=f" {name}",
            physical="string" if is_text else "double",
            semantic="category" if is_text else "number",
            trim=is_text,
            missing_tokens=("?",) if is_text else (),
        )

    @property
    def batch(self) -> pa.RecordBatch:
        return pa.RecordBatch.from_pydict(self.values)


def make_table(rows: int = 200, seed: int = 0) -> Table:
    """Two number columns and a category, with hostile names and missing values."""
    rng = np.random.default_rng(seed)
    ages = [
        None if gap else float(np.float32(age))
        for age, gap in zip(rng.normal(40, 9, rows), rng.random(rows) < 0.1, strict=True)
    ]
    cities = [str(city) or None for city in rng.choice(["北京", "a b", "O'Hare", '"q"', ""], rows)]
    return Table({AGE: ages, FEATURES: [float(x) for x in rng.integers(0, 5, rows)], CITY: cities})


def make_plan(table: Table) -> FeaturePlan:
    """A plan with all three views, fitted on the table itself."""
    views = {
        "tree": tuple(_feature(table, name, "") for name in table.values),
        "linear": tuple(_feature(table, name, "impute") for name in table.values),
        "deep": tuple(_feature(table, name, "impute") for name in list(table.values)[:1]),
    }
    choices = tuple(ColumnChoice(column=name, use=True, reason="test") for name in table.values)
    plan = FeaturePlan(columns=choices, views=views)
    count = len(next(iter(table.values.values())))
    with duckdb.connect() as connection:
        source = pa.Table.from_batches([table.batch])
        source = source.append_column("_row", pa.array(range(count), pa.int64()))
        source = source.append_column("_fold", pa.array([row % 5 for row in range(count)], pa.int8()))
        source = source.append_column("_y", pa.array([row % 2 for row in range(count)], pa.int32()))
        connection.register("train", source)
        rows = TrainingRows(connection, folds=5, classes=2, seed=0)
        return fit_plan(plan, table.schema, rows, list(views))


def _feature(table: Table, name: str, step: str) -> Feature:
    if table.schema.column(name).input_type == "string":
        return Feature(name=name, column=name, steps=(Step(transform="one_hot" if step else "index"),))
    steps = (Step(transform="impute"), Step(transform="standardise")) if step else ()
    return Feature(name=name, column=name, steps=steps)


def view_width(plan: FeaturePlan, schema: Schema, view: str) -> int:
    """Number of float columns in a view."""
    graph = Graph()
    inputs = add_inputs(graph, schema, [feature.column for feature in plan.views[view]])
    return len(add_view(graph, inputs, plan, view, schema)[1])


def linear_body(width: int, outputs: int, seed: int) -> tuple[onnx.ModelProto, npt.NDArray[np.float32]]:
    """A body that answers softmax(x · w), or x · w for one output, with NaN read as 0; and its w."""
    weights = np.random.default_rng(seed).normal(0, 0.5, (width, outputs)).astype(np.float32)
    graph = Graph()
    features = graph.input("features", TensorProto.FLOAT, ["N", width])
    present = graph.node("Where", graph.node("IsNaN", features), graph.constant(0.0, np.float32), features)
    scores = graph.node("MatMul", present, graph.constant(weights))
    graph.output(
        graph.node("Softmax", scores, axis=1) if outputs > 1 else scores,
        "scores",
        TensorProto.FLOAT,
        ["N", outputs],
    )
    return graph.model(), weights


def make_task(classes: tuple[str, ...] = CLASSES) -> TaskSpec:
    if not classes:
        return TaskSpec(target=TARGET, task="regression", metric="rmse")
    return TaskSpec(target=TARGET, task="binary", metric="roc_auc", classes=classes)


def make_card(task: TaskSpec) -> ModelCard:
    facts = DatasetFacts(name="t.csv", rows=200, columns=4, train_rows=120, valid_rows=40, test_rows=40)
    return ModelCard(
        title="Test of 城市",
        created_at="2026-01-02T03:04:05+00:00",
        task=task.task,
        target=task.target,
        dataset=facts,
        metrics=(MetricValue(name=task.metric, value=0.5, low=0.4, high=0.6, baseline=0.5),),
        members=(MemberFacts(id="linear-1", family="linear", weight=1.0),),
    )


def fuse_small(
    table: Table,
    task: TaskSpec,
    views: tuple[str, ...] = ("linear", "tree"),
    margins: Margins | None = None,
) -> onnx.ModelProto:
    """Fuse one linear body per view, with weights 1, 2 …"""
    plan = make_plan(table)
    members = [
        Member(
            linear_body(view_width(plan, table.schema, view), task.outputs, seed)[0], view, weight=seed + 1.0
        )
        for seed, view in enumerate(views)
    ]
    return fuse(members, plan, table.schema, task, margins=margins)


def publish_small(
    path: Path,
    *,
    classes: tuple[str, ...] = CLASSES,
    table: Table | None = None,
    margins: Margins | None = None,
) -> BundleFacts:
    """Publish a small model to `path`.   margins: of one without classes that answers bounds."""
    table, task = table or make_table(), make_task(classes)
    intervals = IntervalFacts(margins=margins, coverage=0.91, mean_width=2.0) if margins else None
    return publish(
        fuse_small(table, task, margins=margins),
        schema=table.schema,
        task=task,
        card=replace(make_card(task), intervals=intervals),
        rows=table.batch,
        version="0.0.test",
        path=path,
    )
