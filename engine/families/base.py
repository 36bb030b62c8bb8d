"""What a model family is: declared once as data, trained by its `build`, exported as an ONNX body."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import onnx

from engine.specs.features import ViewName
from engine.specs.params import Param
from engine.specs.schema import Task

Floats = npt.NDArray[np.float32]
#: Note of a trained model: the seconds it spent on finding what the first fold settles for the others.
FINDING_S = "finding_s"


@dataclass(frozen=True, kw_only=True)
class DataShape:
    """How large the training data is, for deciding before training.

    features: numbers in one row of the view.  sample_shape: of one row, where it is no flat one: (height, width, 3).
    weights: networks for pictures whose weights were imported; see `families.weights`.
    """

    rows: int
    features: int
    sample_shape: tuple[int, ...] = ()
    task: Task
    outputs: int
    weights: tuple[str, ...] = ()


class Budget:
    """How long training may still take, by a clock that the caller gives (seconds, monotonic)."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left_s(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._end - self._clock())

    @property
    def is_spent(self) -> bool:
        return self.left_s <= 0.0

    def part(self, share: float) -> Budget:
        """Return a budget of this share of what is left, from now on."""
        return Budget(self.left_s * share, self._clock)


class FeatureRows(Protocol):
    """The materialised features of one set (train or valid) in one view.

    columns: labels of the float columns; none in the "pixels" view.  cardinalities: column position → number of
    index values, for columns that hold an index (embeddings); values lie in [0, cardinality).
    sample_shape: of one row: (F,), or (height, width, 3) in the "pixels" view.
    """

    columns: tuple[str, ...]
    cardinalities: Mapping[int, int]

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """Return the shape of one row."""

    @property
    def rows(self) -> int: ...

    def arrays(self, limit: int | None = None) -> tuple[Floats, npt.NDArray[np.float64]]:
        """Return X (rows, *sample_shape) and y (rows,) float64; at most `limit` rows, spread over the set.

        X is float32; in the "pixels" view uint8. y is the value (regression) or the class index. Missing numbers are
        NaN, in the "tree" view only.
        """

    def batches(
        self, size: int, *, seed: int | None = None
    ) -> Iterator[tuple[Floats, npt.NDArray[np.float64]]]:
        """Yield (X, y) of `size` rows in bounded memory; shuffled by `seed`, in file order for None."""


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """What a family trains on. `valid` may be used for early stopping; the test rows are never here.

    weights: folder of imported weights; None where there is none.
    """

    task: Task
    outputs: int
    train: FeatureRows
    valid: FeatureRows
    seed: int
    threads: int
    weights: Path | None = None


class Pruned(Exception):
    """Raised by a listener to end a training that is not worth finishing; families let it through."""


#: Called while training: share done (0–1), training score/loss, validation score/loss (NaN when unknown).
#: May raise `Pruned`.
Progress = Callable[[float, float, float], None]


class Fitted(Protocol):
    """A trained model in memory. It is never pickled: what is kept is its ONNX body."""

    stopped: str
    curve: tuple[tuple[float, float, float], ...]
    notes: Mapping[str, Any]
    rows: int

    def predict(self, features: Floats) -> npt.NDArray[np.float64]:
        """Return the library's own scores (rows, outputs): probabilities that sum to 1, or the value."""

    def to_onnx(self) -> onnx.ModelProto:
        """Return the body: `features` float [N, F] → `scores` float [N, outputs], in `graph.OPSET`."""


Build = Callable[[Mapping[str, Any], TrainingData, Budget, Progress], Fitted]


def _always_fits(shape: DataShape, params: Mapping[str, Any]) -> str | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Parameters worth trying on data of one shape; the family knows them best, so it declares them.

    name: unique within the family, "" for its first.  order: small is tried first, across all families.
    needs_s: seconds on one core below which it is not worth starting.  start_s: those of them that a process spends
    once, however often it trains.  reason: a sentence for a person.
    """

    order: int
    reason: str
    name: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    needs_s: float = 0.0
    start_s: float = 0.0


def _proposes_nothing(shape: DataShape) -> tuple[Proposal, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Family:
    """A kind of model.

    view: the view of the feature plan it reads.  params: its dials, declared once.
    steps: the param that counts its steps while training, where it reports a curve; "" where it has none.
    build: trains; the only place that imports the family's heavy library.
    refuses: says before training why this family cannot be trained or exported at this size, or None.
    proposes: what is worth trying on data of this shape, when nobody chose.
    max_rows: most training rows it reads (a spread sample of more); None for all.
    finds: the params it finds on validation rows and tells in its notes; without such rows it takes them as given.
    settles: those of them that the first fold of a bag finds for the others too.
    refits: may be trained once more on training and validation rows together, with what the first training found.
    is_blind: it reads no feature, so any view will do.
    is_linear: the yardstick for "worse than linear" advice.   is_yardstick: others are compared with it.
    """

    name: str
    title: str
    summary: str
    tasks: tuple[Task, ...]
    view: ViewName
    build: Build
    params: tuple[Param, ...] = ()
    steps: str = ""
    refuses: Callable[[DataShape, Mapping[str, Any]], str | None] = field(default=_always_fits)
    proposes: Callable[[DataShape], tuple[Proposal, ...]] = field(default=_proposes_nothing)
    max_rows: int | None = None
    finds: tuple[str, ...] = ()
    settles: tuple[str, ...] = ()
    refits: bool = True
    is_blind: bool = False
    is_linear: bool = False

    @property
    def is_yardstick(self) -> bool:
        return self.is_linear or self.name == "baseline"

    def view_among(self, views: Collection[ViewName]) -> ViewName | None:
        """Return which of the views that the data has this family reads; None where it has none for it."""
        if self.view in views:
            return self.view
        return min(views) if self.is_blind and views else None
