"""Choose the golden rows of a model: real rows that differ, rows with gaps, and rows nobody ever wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.errors import WorkFailed
from engine.export import golden_pictures
from engine.serving.batches import batch_of
from engine.serving.model import Prediction, answer
from engine.serving.pictures import picture_input
from engine.serving.session import Session, feeds_of
from engine.specs.bundle import GoldenRows, Number, encode_number
from engine.specs.schema import InputType

#: Real rows taken evenly along the sorted scores, so that the smallest, largest and middle answers are
#: among them.
SPREAD_ROWS = 16
#: More rows for columns with missing values, and for classes, not yet met among the spread ones.
MOST_EXTRA_ROWS = 16
#: A category no training data holds.
UNSEEN = "\u672a\u89c1 unseen \u2205"
#: Another processor's rounding: float32 sums differ by about 1e-6 of their size, whatever the order.
SCORE_TOLERANCE = 1e-5

Values = Sequence[float] | Sequence[str] | Sequence[bytes]
Rows = Mapping[str, Values]


def make_golden_rows(session: Session, source: pa.RecordBatch) -> GoldenRows:
    """Choose golden rows from `source` and let onnxruntime answer them.

    source: some thousand real rows in model-input form. The result has all of them when they are few, and
    always one row with every value missing and, if the model reads text, one with text never seen; of a model that
    reads pictures, a dozen that differ, made small, and a grey one.
    Raises: WorkFailed when there is no row, or the model answers one with something that is no finite number; BadData
        for a picture that cannot be read.
    """
    if source.num_rows == 0:
        raise WorkFailed(
            "The model cannot be published without golden rows. Expected at least 1 row. Received none.",
            remedy="Run the command again with an empty --out folder, and report this message.",
        )
    inputs = session.inputs()
    has_pictures = picture_input(inputs) is not None
    found = answer(session, source, inputs)
    places = golden_pictures.choose_pictures(found) if has_pictures else _choose(found, source, inputs)
    rows = _with_made_rows(_values(source.take(pa.array(places)), inputs), inputs)
    answers = answer(session, batch_of(rows, inputs), inputs)
    _refuse_not_finite(answers.numbers)
    return GoldenRows(
        numbers={name: _numbers(rows[name]) for name, kind in inputs.items() if kind == "float"},
        texts={name: tuple(map(str, rows[name])) for name, kind in inputs.items() if kind == "string"},
        images={
            name: golden_pictures.as_text(rows[name]) for name, kind in inputs.items() if kind == "image"
        },
        scores=tuple(tuple(row) for row in answers.scores.astype(np.float64).tolist()),
        labels=() if answers.labels is None else tuple(map(str, answers.labels)),
        bounds=_pairs(answers),
        tolerance=(golden_pictures.SCORE_TOLERANCE if has_pictures else SCORE_TOLERANCE)
        * (float(np.abs(answers.numbers).max()) if answers.labels is None else 1.0),
    )


def _choose(answers: Prediction, source: pa.RecordBatch, inputs: Mapping[str, InputType]) -> list[int]:
    """Return row numbers of `source`: along the scores, then one per label and per column with gaps."""
    order = np.argsort(answers.scores[:, -1], kind="stable")
    places = np.linspace(0, len(order) - 1, min(SPREAD_ROWS, len(order))).round().astype(int)
    chosen = dict.fromkeys(order[places].tolist())
    extra: dict[int, None] = {}
    if answers.labels is not None:
        _, firsts = np.unique(answers.labels.astype(str), return_index=True)
        extra |= dict.fromkeys(firsts.tolist())
    for feed in feeds_of(source, inputs).values():
        gaps = np.flatnonzero(feed == "" if feed.dtype == object else np.isnan(feed))
        extra |= dict.fromkeys(gaps[:1].tolist())
    return list(chosen | dict.fromkeys(list(extra)[:MOST_EXTRA_ROWS]))


def _values(batch: pa.RecordBatch, inputs: Mapping[str, InputType]) -> dict[str, list[Any]]:
    """Return name → values, just as onnxruntime gets them; pictures made small."""
    values = {name: feed.reshape(-1).tolist() for name, feed in feeds_of(batch, inputs).items()}
    for name, kind in inputs.items():
        if kind == "image":
            values[name] = [golden_pictures.made_small(content) for content in values[name]]
    return values


def _with_made_rows(values: Mapping[str, list[Any]], inputs: Mapping[str, InputType]) -> Rows:
    has_text = "string" in inputs.values()
    grey = golden_pictures.grey_picture() if "image" in inputs.values() else b""
    rows: dict[str, Values] = {}
    for name, kind in inputs.items():
        real = values[name]
        made = {"string": ["", UNSEEN], "float": [np.nan, real[0]], "image": [grey, real[0]]}[kind]
        rows[name] = [*real, *(made if has_text else made[:1])]
    return rows


def _pairs(answers: Prediction) -> tuple[tuple[float, float], ...]:
    bounds = () if answers.bounds is None else answers.bounds.astype(np.float64).tolist()
    return tuple((lower, upper) for lower, upper in bounds)


def _numbers(values: Values) -> tuple[Number, ...]:
    return tuple(encode_number(float(value)) for value in values)


def _refuse_not_finite(scores: npt.NDArray[np.float32]) -> None:
    wrong = np.argwhere(~np.isfinite(scores))
    if len(wrong):
        row, output = wrong[0]
        raise WorkFailed(
            f"The model answers golden row {row + 1} with {scores[row, output]}. Expected a finite number.",
            remedy="Leave the family out with --families, and report this message.",
        )
