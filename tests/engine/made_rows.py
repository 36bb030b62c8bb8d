"""Features in memory, made by a known rule, for tests of families and training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime

from engine.families.base import Floats, TrainingData
from engine.specs.schema import Task

Doubles = npt.NDArray[np.float64]

ROWS = 600
TASKS: Mapping[Task, int] = {"binary": 2, "multiclass": 3, "regression": 1}


@dataclass
class Rows:
    """Features in memory."""

    x: Floats
    y: Doubles
    cardinalities: Mapping[int, int] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"c{i}" for i in range(self.x.shape[1])) if self.x.ndim == 2 else ()

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return self.x.shape[1:]

    @property
    def rows(self) -> int:
        return len(self.x)

    def arrays(self, limit: int | None = None) -> tuple[Floats, Doubles]:
        count = len(self.x) if limit is None else min(limit, len(self.x))
        chosen = np.arange(count) * len(self.x) // max(1, count)
        return self.x[chosen], self.y[chosen]

    def batches(self, size: int, *, seed: int | None = None) -> Iterator[tuple[Floats, Doubles]]:
        order = np.arange(len(self.x))
        if seed is not None:
            np.random.default_rng(seed).shuffle(order)
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            yield self.x[chosen], self.y[chosen]


def made_data(view: str, task: Task, seed: int = 0, classes: tuple[int, ...] = ()) -> TrainingData:
    """Four numbers and an index decide the answer; in the tree view a tenth of the numbers is missing."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(2 * ROWS, 4))
    index = rng.integers(0, 5, size=2 * ROWS)
    hidden = numbers[:, 0] + numbers[:, 1] * (index > 2) + 0.3 * rng.normal(size=2 * ROWS)
    y = 50_000.0 + 900.0 * hidden
    if task != "regression":
        edges = np.quantile(hidden, np.arange(1, TASKS[task]) / TASKS[task])
        y = np.searchsorted(edges, hidden).astype(np.float64)
    x = np.column_stack((numbers, index)).astype(np.float32)
    if view == "pixels":
        x = made_pictures(hidden, rng)
    if view == "tree":
        x[:, :4][rng.random((2 * ROWS, 4)) < 0.1] = np.nan
    keep = np.isin(y[:ROWS], classes) if classes else np.ones(ROWS, bool)
    indices = {4: 5} if view == "deep" else {}
    return TrainingData(
        task=task,
        outputs=TASKS[task],
        train=Rows(x[:ROWS][keep], y[:ROWS][keep], indices),
        valid=Rows(x[ROWS:], y[ROWS:], indices),
        seed=seed,
        threads=1,
    )


def made_pictures(hidden: Doubles, rng: np.random.Generator, side: int = 12) -> npt.NDArray[np.uint8]:
    """Return pictures (rows, side, side, 3) of a spot on noise, the redder and the less blue the larger `hidden` is."""
    pictures = rng.integers(60, 120, size=(len(hidden), side, side, 3))
    red = np.clip(128 + 60 * hidden, 0, 255).astype(np.int64)
    for picture, value, (top, left) in zip(
        pictures, red, rng.integers(0, side // 2, (len(hidden), 2)), strict=True
    ):
        spot = picture[top : top + side // 2, left : left + side // 2]
        spot[..., 0], spot[..., 2] = value, 255 - value
    return pictures.astype(np.uint8)


def by_onnx(model: onnx.ModelProto, x: Floats) -> Doubles:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["scores"], {"features": x.astype(np.float32)})[0].astype(np.float64)


def difference(data: TrainingData, native: Doubles, served: Doubles) -> float:
    """Largest difference, of values as a share of their spread."""
    spread = float(data.train.arrays()[1].std()) if data.task == "regression" else 1.0
    return float(np.abs(native - served).max()) / spread
