"""A run folder whose model tells the strongest colour of a picture, as the steps before evaluation would leave it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.files import write_json
from engine.modalities.image.columns import picture_schema
from engine.modalities.table import open_database
from engine.report.examine import TestRows
from engine.report.picture_rows import Asker, PictureRows
from engine.run import Run
from engine.serving.session import Session
from engine.specs.codec import to_json
from engine.specs.features import ColumnChoice, Feature, FeaturePlan, Step
from engine.specs.run import RunPaths, RunSpec
from engine.specs.schema import Column
from engine.specs.split import SplitSummary
from engine.specs.training import SelectedModel, Selection, TaskSpec
from engine.training.answers import ANSWERS, answers_table
from tests.engine.published_pictures import COLOURS, colour_graph, encoded, picture, picture_task, sizes

ROWS = 150
SETS = ("train", "valid", "test", "train", "test")
#: Test and validation rows whose label was changed to the next colour.
FLIPPED = (2, 6, 14, 21, 52)
#: Rows 40 and 41 look alike and have different labels; 44 and 45 look alike and agree.
TWINS = {40: "a", 41: "a", 45: "b", 48: "b"}
MODEL = "small-1"
PLAN = FeaturePlan(
    columns=(ColumnChoice(column="image", use=True, reason=""),),
    views={
        "pixels": (Feature(name="image", column="image", steps=(Step(transform="x", params={"side": 8}),)),)
    },
)


@dataclass
class MadeRun:
    """The run, its rows, and what it has told.   shares: of the step that were told to be done."""

    run: Run
    rows: TestRows
    model: bytes
    shares: list[float]

    @property
    def source(self) -> PictureRows:
        return PictureRows(rows=self.rows, image="image")

    @property
    def asker(self) -> Asker:
        return Asker(Session(self.model), "image")


@contextmanager
def made_run(
    folder: Path, *, task: TaskSpec | None = None, clock: Callable[[], float] = lambda: 0.0
) -> Iterator[MadeRun]:
    """Write the folder and open its rows.   task: of colours, or of a number (`picture_task(())`)."""
    task = task or picture_task()
    paths, shares = RunPaths(folder), []
    truth = [i % 3 for i in range(ROWS)]
    given = [(k + 1) % 3 if i in FLIPPED else k for i, k in enumerate(truth)]
    pictures = [picture(size, k, i) for i, (size, k) in enumerate(zip(sizes(ROWS), truth, strict=True))]
    labels: Sequence[Any] = [COLOURS[k] for k in given] if task.classes else [float(k == 0) for k in given]
    _write_data(paths, pictures, labels, task)
    sets = [SETS[i % len(SETS)] for i in range(ROWS)]
    paths.split.mkdir()
    split = {"_row": range(ROWS), "_set": sets, "_fold": pa.array([0] * ROWS, pa.int8())}
    pq.write_table(pa.table(split), paths.split_rows)
    counts = {name: sets.count(name) for name in ("train", "valid", "test")}
    write_json(paths.split_summary, to_json(SplitSummary(rows=counts)))
    write_json(paths.task, to_json(task))
    write_json(paths.plan, to_json(PLAN))
    write_json(paths.leaks, [])
    write_json(
        paths.selection, to_json(Selection(members=(SelectedModel(candidate=MODEL),), score=0.9, reason=""))
    )
    model = colour_graph(task.outputs).SerializeToString()
    _write_answers(paths, model, pictures, given if task.classes else labels, sets)
    run = Run(
        spec=RunSpec(data="colours.zip", target=task.target, time_limit_s=1_000.0),
        paths=paths,
        clock=clock,
        now=lambda: "2026-01-02T03:04:05+00:00",
        emit=lambda event: _note(event, shares),
        step_seconds=lambda: {},
        threads=1,
        memory_bytes=1 << 30,
        version="0.0.test",
    )
    with open_database(run.limits) as connection:
        rows = TestRows(
            connection=connection, data=paths.data, split=paths.split_rows, schema=run.schema, task=task
        )
        yield MadeRun(run=run, rows=rows, model=model, shares=shares)


def _note(event: Mapping[str, Any], shares: list[float]) -> None:
    if event["event"] == "step_progress":
        shares.append(event["share"])


def _write_data(
    paths: RunPaths, pictures: Sequence[np.ndarray], labels: Sequence[Any], task: TaskSpec
) -> None:
    label = Column(
        name="label",
        source_name="label",
        physical="string" if task.classes else "double",
        semantic="category" if task.classes else "number",
    )
    schema = picture_schema([label])
    light = [float(pixels.mean()) / 255 for pixels in pictures]
    columns: dict[str, Any] = {
        "image": [encoded(pixels) for pixels in pictures],
        "label": labels,
        "path": [f"all/{i:03d}.png" for i in range(ROWS)],
        "width": [pixels.shape[1] for pixels in pictures],
        "height": [pixels.shape[0] for pixels in pictures],
        "look_alikes": pa.array([TWINS.get(i) for i in range(ROWS)], pa.string()),
        **dict.fromkeys(("brightness", "contrast", "saturation", "colourfulness", "sharpness"), light),
    }
    paths.dataset.mkdir(parents=True)
    pq.write_table(pa.table({name: columns[name] for name in schema.names}), paths.data, row_group_size=40)
    write_json(paths.schema, to_json(schema))


def _write_answers(
    paths: RunPaths, model: bytes, pictures: Sequence[np.ndarray], y: Sequence[float], sets: Sequence[str]
) -> None:
    """Write what the model answered to validation and some training rows, in no order."""
    asked = [i for i in range(ROWS) if sets[i] != "test"][::-1]
    scores = Asker(Session(model), "image").each([pictures[i] for i in asked])
    folder = paths.models / MODEL
    folder.mkdir(parents=True)
    table = answers_table(asked, [sets[i] for i in asked], np.array([float(y[i]) for i in asked]), scores)
    pq.write_table(table, folder / ANSWERS)
