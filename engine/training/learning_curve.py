"""Train a chosen model again on parts of its training rows: what did the last rows bring, what would more bring?

The whole run's feature plan is used for every part: what it learned from all training rows (categories, means, target
rates) is better than a part alone would have taught, so the curve is a little too flat at its beginning.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.evaluation.learning import learning_curve
from engine.evaluation.thresholds import judge
from engine.families import family
from engine.families.base import Budget, FeatureRows, Floats
from engine.files import write_bytes, write_json
from engine.specs.codec import to_json
from engine.specs.features import GRAPH_VIEWS
from engine.specs.learning import LearningCurve
from engine.specs.training import Candidate, Selection
from engine.training.answers import ANSWERS, OUT_OF_FOLD, answers_table, arrays_of
from engine.training.bag import settled
from engine.training.candidates import REFIT
from engine.training.feature_rows import Doubles, Ints, ParquetFeatureRows
from engine.training.workshop import LIBRARY_ERRORS, OnEvent, Workshop, model_event, read_record

#: Parts of the training rows, smallest first; each is spread evenly over them.
SHARES = (1 / 8, 1 / 4, 1 / 2)
#: Fewer training rows make parts too small to say anything; more cells (rows × features) are not held in memory.
FEWEST_ROWS, MOST_CELLS = 400, 40_000_000
#: Points, the one of all rows included, below which no curve can be told from chance.
FEWEST_POINTS = 3
#: Rows that judge, spread over all that can: more narrow the intervals less than they cost.
MOST_JUDGED = 5_000
#: A part may take this many times its share of the seconds that all rows took.
_CAUTION = 1.5


class FewerRows:
    """Some of the rows of a set, in memory, spread evenly over it; see `base.FeatureRows`."""

    def __init__(self, rows: FeatureRows, count: int) -> None:
        """count: at most all of `rows`."""
        self.columns = rows.columns
        self.cardinalities: Mapping[int, int] = rows.cardinalities
        self._x, self._y = rows.arrays(count)

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """Return (F,)."""
        return self._x.shape[1:]

    @property
    def rows(self) -> int:
        return len(self._y)

    def arrays(self, limit: int | None = None) -> tuple[Floats, Doubles]:
        """Return X (rows, F) float32 and y (rows,) float64; at most `limit` rows, spread evenly."""
        if limit is None or limit >= self.rows:
            return self._x, self._y
        chosen = _spread(self.rows, limit)
        return self._x[chosen], self._y[chosen]

    def batches(self, size: int, *, seed: int | None = None) -> Iterator[tuple[Floats, Doubles]]:
        """Yield (X, y) of `size` rows, the last smaller; shuffled by `seed`."""
        order = np.arange(self.rows)
        if seed is not None:
            np.random.default_rng(seed).shuffle(order)
        for start in range(0, self.rows, size):
            chosen = order[start : start + size]
            yield self._x[chosen], self._y[chosen]


@dataclass(frozen=True, kw_only=True)
class _Model:
    """The model that is trained again.

    candidate: with what its first training settled.   seconds: that training on all rows of `train` took.
    rows, y: (n,) row numbers and answers of the rows that judge.   scores: (n, outputs) of the model trained on all.
    """

    candidate: Candidate
    seconds: float
    train: ParquetFeatureRows
    valid: ParquetFeatureRows
    rows: Ints
    y: Doubles
    scores: Doubles

    def cost_s(self, share: float) -> float:
        """Return the seconds that training on this share of the rows may take."""
        return self.seconds * _CAUTION * share


def draw_learning_curve(
    selection: Selection, workshop: Workshop, file: Path, budget: Budget, on_event: OnEvent
) -> LearningCurve | None:
    """Train the heaviest chosen model on parts of its rows; write and return the curve.

    None where it would say nothing or cost too much: few rows or very many, pictures, a model that learns nothing or
    was stopped by the clock, or too little time for two parts. A part that a library cannot train is left out.
    file: of the curve. The answers of finished parts are kept beside it, and these are not trained again.
    """
    model = _heaviest(selection, workshop)
    if model is None:
        return None
    deciding = judge(workshop.task)
    kept = file.parent / model.candidate.id
    if not kept.exists() and model.cost_s(sum(SHARES[: FEWEST_POINTS - 1])) > budget.left_s:
        return None
    answers = {model.train.rows: model.scores}
    for share in SHARES:
        count = int(model.train.rows * share)
        scores = _part(model, count, workshop, kept, budget)
        if scores is not None:
            answers[count] = scores
            score = deciding.value(model.y, scores)
            on_event(model_event("part_finished", model.candidate, rows=count, score=score))
    if len(answers) < FEWEST_POINTS:
        return None
    curve = learning_curve(deciding, model.y, answers, family=model.candidate.family, seed=workshop.seed)
    if curve is not None:
        write_json(file, to_json(curve))
    return curve


def _heaviest(selection: Selection, workshop: Workshop) -> _Model | None:
    """Return the model with the largest weight, None where parts of its rows would say nothing or cost too much."""
    folder = workshop.models / selection.members[0].candidate.removesuffix(REFIT)
    record = read_record(folder)
    if record is None or record.stopped == "time":
        return None
    member = family(record.candidate.family)
    view = workshop.view(member)
    if member.is_blind or view.name in GRAPH_VIEWS:
        return None
    train, valid = (
        (ParquetFeatureRows(view, "train", outside=0), ParquetFeatureRows(view, "train", inside=0))
        if workshop.folds
        else (ParquetFeatureRows(view, "train"), ParquetFeatureRows(view, "valid"))
    )
    # A family that reads a sample of the rows there are would not read more of them.
    most = min(MOST_CELLS // max(1, len(train.columns)), member.max_rows or train.rows)
    if not FEWEST_ROWS <= train.rows <= most:
        return None
    rows = valid.row_numbers()[_spread(valid.rows, MOST_JUDGED)]
    answers = pq.read_table(folder / (OUT_OF_FOLD if workshop.folds else ANSWERS))
    y, scores = arrays_of(_of_rows(answers, rows))
    return _Model(
        candidate=settled(record),
        seconds=record.seconds / max(1, workshop.folds),
        train=train,
        valid=valid,
        rows=rows,
        y=y,
        scores=scores,
    )


def _part(model: _Model, count: int, workshop: Workshop, folder: Path, budget: Budget) -> Doubles | None:
    """Return the scores (n, outputs) of the model trained on `count` rows; None where that took too long or failed."""
    kept = folder / f"{count}.parquet"
    if not kept.exists():
        if model.cost_s(count / model.train.rows) > budget.left_s:
            return None
        member = family(model.candidate.family)
        data = workshop.data(FewerRows(model.train, count), model.valid)
        try:
            fitted = member.build(model.candidate.params, data, budget, lambda *_: None)
        except LIBRARY_ERRORS:
            return None
        if fitted.stopped == "time":
            return None
        scores = fitted.predict(model.valid.arrays(MOST_JUDGED)[0])
        file = io.BytesIO()
        pq.write_table(answers_table(model.rows, ["valid"] * len(model.y), model.y, scores), file)
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(kept, file.getvalue())
    return arrays_of(pq.read_table(kept))[1]


def _of_rows(table: pa.Table, rows: Ints) -> pa.Table:
    """Return the answers to `rows`, in their order."""
    order = np.argsort(table["_row"].to_numpy())
    return table.take(order[np.searchsorted(table["_row"].to_numpy(), rows, sorter=order)])


def _spread(rows: int, most: int) -> Ints:
    """Return at most `most` places among `rows`, as `FeatureRows.arrays` spreads them."""
    count = min(rows, most)
    return np.arange(count) * rows // max(1, count)
