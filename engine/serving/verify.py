"""Prove a published model: unchanged bytes, and the golden rows answered as on the day of publishing."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import BadData, BadModel
from engine.serving.model import Prediction, ServedModel
from engine.serving.session import read_model_bytes, value_feeds
from engine.specs.bundle import GoldenRows, decode_number


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What was proven.   rows: golden rows that match.   max_difference: of a score; 0 on the publishing
    machine."""

    rows: int
    max_difference: float
    tolerance: float
    graph_sha256: str
    aimass_version: str


def verify(path: Path, *, threads: int = 1) -> Verification:
    """Check the file's digests and replay its golden rows, with onnxruntime alone.

    Raises: BadCommand when there is no file.   BadModel when it is not ONNX, not an AI Mass model, was
    changed after publishing, or answers a golden row differently (the message names row, output and values).
    """
    model = ServedModel.from_bytes(read_model_bytes(path), threads=threads)
    return verify_model(model)


def verify_model(model: ServedModel) -> Verification:
    """Replay the golden rows of an open model; see `verify`."""
    golden = model.metadata.golden_rows
    if golden.rows == 0:
        raise _golden_unreadable("no golden rows")
    if golden.inputs != model.inputs.keys():
        raise _golden_unreadable("golden rows of other columns than the model's inputs")
    expected = np.array(golden.scores, dtype=np.float64)
    rows = golden_values(golden)
    lengths = {len(values) for values in rows.values()}
    if lengths != {golden.rows} or expected.shape != (golden.rows, model.metadata.outputs):
        raise _golden_unreadable("golden rows of unequal length")
    if model.classes and len(golden.labels) != golden.rows:
        raise _golden_unreadable("golden rows without labels")
    if len(golden.bounds) != (golden.rows if model.level is not None else 0):
        raise _golden_unreadable("golden rows whose bounds are not those of the model")
    try:
        received = model.answer_feeds(value_feeds(rows, model.inputs))
    except BadData as error:
        raise _golden_unreadable("golden rows that cannot be read") from error
    difference = _compare(model, golden, expected, received)
    return Verification(
        rows=golden.rows,
        max_difference=difference,
        tolerance=golden.tolerance,
        graph_sha256=model.metadata.graph_sha256,
        aimass_version=model.metadata.aimass_version,
    )


def golden_values(golden: GoldenRows) -> dict[str, Sequence[object]]:
    """Return input name → values of the golden rows, as `value_feeds` takes them.

    Raises: BadModel when a picture is no base64.
    """
    numbers = {name: [decode_number(value) for value in values] for name, values in golden.numbers.items()}
    try:
        images = {
            name: [base64.b64decode(text, validate=True) for text in texts]
            for name, texts in golden.images.items()
        }
    except ValueError as error:
        raise _golden_unreadable("a picture that is no base64") from error
    return {**numbers, **golden.texts, **images}


def _compare(model: ServedModel, golden: GoldenRows, expected: np.ndarray, received: Prediction) -> float:
    differences = np.abs(received.scores.astype(np.float64) - expected)
    # NaN compares as false: a score that is not a number never passes.
    wrong = np.argwhere(~(differences <= golden.tolerance))
    if len(wrong):
        row, output = (int(i) for i in wrong[0])
        what = f"the probability of {model.classes[output]!r}" if model.classes else "the prediction"
        raise _differs(row, what, expected[row, output], received.scores[row, output])
    for row, label in enumerate(golden.labels):
        answered = str(received.labels[row]) if received.labels is not None else ""
        if answered != label and not _is_tie(expected[row], golden.tolerance):
            raise _differs(row, "the label", label, answered)
    if received.bounds is not None:
        _compare_bounds(model, golden, expected, received.bounds.astype(np.float64))
    return float(differences.max())


def _compare_bounds(
    model: ServedModel, golden: GoldenRows, predicted: np.ndarray, received: np.ndarray
) -> None:
    """Refuse bounds other than the golden ones, but where rounding may have put a prediction into the next band."""
    edges = np.array(model.card.intervals.margins.edges if model.card.intervals else ())
    wrong = ~(np.abs(received - np.array(golden.bounds)) <= 2 * golden.tolerance)
    wrong &= ~(np.abs(predicted - edges) <= golden.tolerance).any(axis=1, keepdims=True)
    if wrong.any():
        row, side = (int(i) for i in np.argwhere(wrong)[0])
        what = ("the lower bound", "the upper bound")[side]
        raise _differs(row, what, golden.bounds[row][side], received[row, side])


def _is_tie(scores: np.ndarray, tolerance: float) -> bool:
    """Two best scores so close that another processor's rounding may swap them."""
    best = np.sort(scores)[-2:]
    return bool(best[-1] - best[0] <= 2 * tolerance)


def _differs(row: int, what: str, expected: object, received: object) -> BadModel:
    return BadModel(
        f"Golden row {row + 1} differs in {what}. Expected {expected!s}. Received {received!s}.",
        remedy="Do not use this file; publish the model again, and check the version of onnxruntime.",
    )


def _golden_unreadable(found: str) -> BadModel:
    return BadModel(
        f"The model cannot prove itself. Expected golden rows with a value per input. Received {found}.",
        remedy="Publish the model again.",
    )
