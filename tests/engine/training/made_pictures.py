"""A few pictures of several sizes with labels and a split, for tests of training."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from engine.specs.features import ColumnChoice, Feature, FeaturePlan, Step
from engine.specs.schema import Column, Schema
from engine.specs.split import SplitSpec
from engine.specs.training import TaskSpec
from engine.training.folds import FeatureWriter, count_folds
from engine.training.materialise import Sample, prepare_rows
from tests.engine.training.made_run import runner

ROWS, SIDE = 60, 8
SCHEMA = Schema(
    columns=(
        Column(name="image", source_name="image", physical="image", semantic="image"),
        Column(name="label", source_name="label", physical="string", semantic="category"),
    )
)
TASK = TaskSpec(target="label", task="binary", metric="roc_auc", classes=("dark", "light"))
PLAN = FeaturePlan(
    columns=(ColumnChoice(column="image", use=True, reason=""),),
    views={
        "pixels": (
            Feature(name="image", column="image", steps=(Step(transform="resize", params={"side": SIDE}),)),
        )
    },
)


@dataclass(frozen=True)
class MadePictures:
    """The written files, and the pictures as they were.   sets: row → its set."""

    folder: Path
    pictures: list[npt.NDArray[np.uint8]]
    sets: list[str]
    plan: FeaturePlan

    @property
    def view(self) -> Path:
        return self.folder / "features" / "pixels"


def make_pictures(folder: Path) -> MadePictures:
    """Write data and split, and the view of pixels, under `folder`."""
    rng = np.random.default_rng(0)
    sizes = [(8, 8), (11, 7), (40, 30)]
    pictures = [
        (rng.integers(0, 128, (*sizes[i % 3], 3)) + 127 * (i % 2)).astype(np.uint8) for i in range(ROWS)
    ]
    sets = [("valid", "test", "train", "train", "train")[i % 5] for i in range(ROWS)]
    labels = [TASK.classes[i % 2] for i in range(ROWS)]
    pq.write_table(
        pa.table({"image": [_png(one) for one in pictures], "label": labels}), folder / "data.parquet"
    )
    split = {"_row": range(ROWS), "_set": sets, "_fold": pa.array([i % 5 for i in range(ROWS)], pa.int8())}
    pq.write_table(pa.table(split), folder / "split.parquet")
    data, rows, spec = folder / "data.parquet", folder / "rows", SplitSpec(splitter="random")
    with duckdb.connect() as connection:
        prepare_rows(
            connection, data=data, split=folder / "split.parquet", schema=SCHEMA, task=TASK, folder=rows
        )
        writer = FeatureWriter(
            connection=connection,
            data=data,
            rows=rows,
            schema=SCHEMA,
            task=TASK,
            split=spec,
            samples={"pixels": Sample(seed=0)},
            runner=runner,
            threads=2,
        )
        folds = count_folds(connection, rows, spec, seconds=1e6, views=["pixels"])
        plan = writer.write(PLAN, folder / "features", folds)
    return MadePictures(folder=folder, pictures=pictures, sets=sets, plan=plan)


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
