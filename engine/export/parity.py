"""The parity gate: the exported file must answer raw rows as the trained models do, or nothing is
published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.errors import ParityFailed
from engine.evaluation.margins import bounds_of
from engine.serving.model import Prediction, answer
from engine.serving.session import Session, read_model_bytes
from engine.specs.margins import Margins
from engine.specs.schema import InputType, Task

#: A probability may differ by this much. Bodies compute in float32: 24 bits through a softmax or the sum
#: of a few hundred trees leave about 1e-6; a wrong leaf, a wrong category or a lost column moves it by 1e-3
#: and more.
PROBABILITY_TOLERANCE = 1e-4
#: A prediction may differ by this share of the predictions' standard deviation: a target in cents and the
#: same target in millions are held to the same accuracy.
PREDICTION_TOLERANCE = 1e-4
#: The file's prediction is float32 by contract, so a target far from 0 (mean 1e6, deviation 1) cannot come
#: nearer than a few roundings of its own size, however right the model is.
_FLOAT32_ROUNDINGS = 8.0

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Parity:
    """What the gate measured.   tolerance: the absolute difference that was allowed.

    label_mismatches: rows whose label is another than the trained models' (only near-ties can, within
    tolerance).
    """

    rows: int
    max_difference: float
    mean_difference: float
    tolerance: float
    label_mismatches: int


def check_parity(
    model: bytes | Path,
    raw_rows: Iterator[pa.RecordBatch],
    native: Doubles,
    *,
    task: Task,
    threshold: float | None = None,
    margins: Margins | None = None,
) -> Parity:
    """Answer `raw_rows` with the file and compare with the trained models' own answers.

    Args:    model: the fused file.   raw_rows: batches in model-input form, in the order of `native`.
             Columns that are no inputs are only shown where a row differs.
             threshold: of the label, where one was chosen.   margins: around the answers, where there are any: the
             file's bounds must be those of its own predictions.
             native: (rows, outputs) scores by the training libraries on the materialised features.
    Raises:  ParityFailed when a row is out of tolerance (its number, columns and both answers are named), or
             the numbers of rows differ.
    """
    session = Session(model if isinstance(model, bytes) else read_model_bytes(model))
    inputs = session.inputs()
    tolerance = allowed_difference(native, task)
    seen, mismatches, total, worst = 0, 0, 0.0, 0.0
    for batch in raw_rows:
        expected = native[seen : seen + batch.num_rows]
        if len(expected) < batch.num_rows:
            raise _wrong_count(f"at least {seen + batch.num_rows}", len(native))
        answered = answer(session, batch, inputs, first_row=seen)
        received = answered.scores.astype(np.float64)
        if received.shape != expected.shape:
            raise _wrong_count(f"{received.shape[1]} scores a row", f"{expected.shape[1]}")
        differences = np.abs(received - expected)
        row = int(np.argmax(np.where(np.isnan(differences), np.inf, differences).max(axis=1, initial=0.0)))
        if batch.num_rows and not differences[row].max() <= tolerance:
            raise _too_far(batch, row, seen, inputs, expected[row], received[row], tolerance)
        _check_bounds(answered, margins, seen, tolerance)
        mismatches += _label_mismatches(expected, received, task, threshold)
        total += float(differences.sum())
        worst = max(worst, float(differences.max(initial=0.0)))
        seen += batch.num_rows
    if seen != len(native):
        raise _wrong_count(f"{seen}", len(native))
    return Parity(
        rows=seen,
        max_difference=worst,
        mean_difference=total / max(native.size, 1),
        tolerance=tolerance,
        label_mismatches=mismatches,
    )


def allowed_difference(native: Doubles, task: Task) -> float:
    """Return the largest absolute difference of a score that rounding explains."""
    if task != "regression":
        return PROBABILITY_TOLERANCE
    spread = float(native.std()) if native.size else 0.0
    largest = float(np.abs(native).max(initial=0.0))
    return PREDICTION_TOLERANCE * spread + _FLOAT32_ROUNDINGS * float(np.finfo(np.float32).eps) * largest


def _label_mismatches(expected: Doubles, received: Doubles, task: Task, threshold: float | None) -> int:
    if task == "regression" or not len(expected):
        return 0
    if threshold is not None:
        return int(((expected[:, 1] > threshold) != (received[:, 1] > threshold)).sum())
    return int((expected.argmax(axis=1) != received.argmax(axis=1)).sum())


def _check_bounds(answered: Prediction, margins: Margins | None, seen: int, tolerance: float) -> None:
    """Refuse bounds that are not there, or not those of the file's own predictions.   Raises: ParityFailed."""
    if (margins is None) != (answered.bounds is None):
        raise ParityFailed(
            "The exported model's bounds around the prediction are missing, or nobody asked for them.",
            remedy="Start the run again in another folder, and report this message.",
        )
    if margins is None or answered.bounds is None:
        return
    wanted = bounds_of(answered.scores, margins)
    wrong = np.argwhere(~(np.abs(answered.bounds.astype(np.float64) - wanted) <= tolerance))
    if len(wrong):
        row = int(wrong[0][0])
        expected, received = _listed(wanted[row]), _listed(answered.bounds[row])
        raise ParityFailed(
            f"The exported model answers row {seen + row + 1} with other bounds than the margins ask for. "
            f"Expected {expected} ± {tolerance:.3g}. Received {received}.",
            remedy="Start the run again in another folder, and report this message.",
        )


def _too_far(
    batch: pa.RecordBatch,
    row: int,
    seen: int,
    inputs: dict[str, InputType],
    expected: Doubles,
    received: Doubles,
    tolerance: float,
) -> ParityFailed:
    # Not the inputs alone: what else the rows carry, such as the path of a picture, tells a person more.
    names = [*inputs, *(name for name in batch.schema.names if name not in inputs)]
    values = {name: batch.column(name)[row].as_py() for name in names}
    shown = ", ".join(f"{name}={_told(value)}" for name, value in list(values.items())[:30])
    return ParityFailed(
        f"The exported model answers row {seen + row + 1} differently from the trained one. "
        f"Expected {_listed(expected)} ± {tolerance:.3g}. Received {_listed(received)}. The row: {shown}.",
        remedy="Leave the family out with --families, and report this message.",
    )


def _told(value: object) -> str:
    """Return a cell as a message shows it: of a picture its size in the file, never its bytes."""
    return f"a picture of {len(value):,} bytes" if isinstance(value, bytes) else repr(str(value)[:60])


def _listed(scores: npt.NDArray[np.floating]) -> str:
    return "[" + ", ".join(f"{score:.8g}" for score in scores[:20]) + ("]" if len(scores) <= 20 else ", …]")


def _wrong_count(expected: str, received: object) -> ParityFailed:
    return ParityFailed(
        "The exported model and the trained one were not asked the same rows. "
        f"Expected {expected}. Received {received} from the trained one.",
        remedy="Run the command again with an empty --out folder, and report this message.",
    )
