"""What each raw column is worth: shuffle it and see what the deciding metric loses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from engine.evaluation.metrics import Floats, Metric
from engine.families.base import Budget
from engine.specs.evaluation import ColumnImportance, Importance

#: Raw rows in, scores (rows, outputs) out: the published model, or whatever answers as it does.
Predict = Callable[[pa.RecordBatch], Floats]

MOST_ROWS = 2_000
REPEATS = 3


def permutation_importance(
    predict: Predict, rows: pa.RecordBatch, y: Floats, *, metric: Metric, budget: Budget, seed: int
) -> Importance:
    """Measure the loss per raw column on at most 2,000 rows, shuffled up to three times.

    Shapes:  rows (rows, raw columns) as the model takes them; y (rows,).
    Returns: columns by loss, largest first. All columns are shuffled once before any is a second time, so a
             spent budget costs precision first; columns it never reached are listed as unmeasured.
    Source:  Breiman, Random Forests, Machine Learning 45, 2001. Columns that say the same thing share their
             importance: shuffling one leaves the other.
    """
    rng = np.random.default_rng(seed)
    if rows.num_rows > MOST_ROWS:
        kept = np.sort(rng.choice(rows.num_rows, MOST_ROWS, replace=False))
        rows, y = rows.take(pa.array(kept)), y[kept]
    whole = metric.value(y, predict(rows))
    losses: dict[str, list[float]] = {name: [] for name in rows.schema.names}
    for _ in range(REPEATS):
        for position, name in enumerate(rows.schema.names):
            if budget.is_spent:
                break
            shuffled = rows.column(position).take(pa.array(rng.permutation(rows.num_rows)))
            changed = rows.set_column(position, rows.schema.field(position), shuffled)
            losses[name].append(metric.gain(whole, metric.value(y, predict(changed))))
    measured = [_column(name, values) for name, values in losses.items() if values]
    return Importance(
        metric=metric.name,
        rows=rows.num_rows,
        repeats=min((len(values) for values in losses.values() if values), default=0),
        columns=tuple(sorted(measured, key=lambda column: -column.loss)),
        unmeasured=tuple(name for name, values in losses.items() if not values),
    )


def _column(name: str, losses: list[float]) -> ColumnImportance:
    return ColumnImportance(
        column=name, loss=float(np.mean(losses)), low=float(min(losses)), high=float(max(losses))
    )
