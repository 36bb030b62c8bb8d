"""Say why a table model answered a row as it did: what each column added to the answer.

For each column j and each reference row r, two effects of the column's value are measured and their mean is taken:
putting r's value into the row in question, f(x) − f(x with r_j), and putting x's value into the reference,
f(r with x_j) − f(r). The mean over all references is the column's contribution. It is the Shapley value where columns
do not interact beyond pairs with the rest as one block: exact for additive models, and for two columns. f is the
probability of the answered class, or the prediction. Contributions of interacting columns need not add up exactly to
the distance from the references' mean answer.
Source: Štrumbelj & Kononenko, Explaining prediction models and individual predictions with feature contributions,
Knowledge and Information Systems 41 (2014); Covert, Lundberg & Lee, Explaining by Removing, JMLR 22 (2021).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.serving.model import Prediction, ServedModel
from engine.serving.session import Array, Stop
from engine.specs.bundle import decode_number

#: Rows computed for one explanation are at most 2 × 50 × 32 and the row and references themselves.
MOST_COLUMNS = 50
MOST_REFERENCES = 32

Feeds = Mapping[str, Array]


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What one column added.

    value: as the model read it, None when missing.   amount: signed, in the unit of the answer.
    """

    column: str
    value: float | str | None
    amount: float


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why one row was answered so.

    answer: the class, None for a prediction.   score: its probability, or the prediction.
    base: the mean score of the reference rows.   contributions: largest first, at most MOST_COLUMNS.
    heat: of a picture and not of a row of a table, row by row from the top left: how much the score falls where a
        patch hides that part of the picture (`engine.serving.explain_picture`).
    """

    answer: str | None
    score: float
    base: float
    contributions: tuple[Contribution, ...]
    heat: tuple[tuple[float, ...], ...] = ()


def explain(
    model: ServedModel, feeds: Feeds, prediction: Prediction, row: int, stop: Stop | None = None
) -> Explanation:
    """Explain the answer `prediction` gave to `row` (0-based) of `feeds`, in one batched run.

    References are the model's golden rows that are real rows of its training data; models of more than MOST_COLUMNS
    columns use fewer of them.
    Raises: WorkFailed when onnxruntime fails; Stopped when `stop` ended the run.
    """
    names = list(model.inputs)
    references = reference_feeds(model, most=max(1, MOST_COLUMNS * MOST_REFERENCES // max(1, len(names))))
    count = len(next(iter(references.values())))
    asked = {name: feeds[name][row] for name in names}
    scores = _scores(
        model, model.answer_feeds(_batch(names, asked, references, count), stop), prediction, row
    )
    score, base = float(scores[0]), scores[1 : 1 + count]
    blocks = scores[1 + count :].reshape(len(names), 2, count)
    amounts = ((score - blocks[:, 0]) + (blocks[:, 1] - base)).mean(axis=1) / 2
    order = np.argsort(-np.abs(amounts), kind="stable")[:MOST_COLUMNS]
    return Explanation(
        answer=None if prediction.labels is None else str(prediction.labels[row]),
        score=score,
        base=float(base.mean()),
        contributions=tuple(
            Contribution(column=names[j], value=_plain(asked[names[j]][0]), amount=float(amounts[j]))
            for j in order
        ),
    )


def reference_feeds(model: ServedModel, *, most: int = MOST_REFERENCES) -> dict[str, Array]:
    """Return the model's golden rows that are real, as feeds (rows, 1): at most `most`, spread over them."""
    golden = model.metadata.golden_rows
    # The last golden rows are made: one of missing values and, where there is text, one of text never seen.
    real = max(1, golden.rows - (2 if golden.texts else 1))
    chosen = np.unique(np.linspace(0, real - 1, min(most, real, MOST_REFERENCES)).round().astype(int))
    feeds: dict[str, Array] = {}
    for name, kind in model.inputs.items():
        if kind == "float":
            values = np.array([decode_number(golden.numbers[name][i]) for i in chosen], dtype=np.float32)
        else:
            values = np.array([golden.texts[name][i] for i in chosen], dtype=object)
        feeds[name] = values.reshape(-1, 1)
    return feeds


def _batch(names: list[str], asked: Mapping[str, Array], references: Feeds, count: int) -> dict[str, Array]:
    """Return the row, the references, and per column: the row with theirs, the references with its value."""
    batch: dict[str, Array] = {}
    for j, name in enumerate(names):
        own, theirs = asked[name].reshape(1, 1), references[name]
        mine = np.repeat(own, count, axis=0)
        pair = np.concatenate([mine, theirs])  # what a column holds while another one is exchanged
        swapped = np.concatenate([theirs, mine])
        blocks = [pair] * len(names)
        blocks[j] = swapped
        batch[name] = np.concatenate([own, theirs, *blocks])
    return batch


def _scores(
    model: ServedModel, answers: Prediction, prediction: Prediction, row: int
) -> npt.NDArray[np.float64]:
    column = 0 if prediction.labels is None else model.classes.index(str(prediction.labels[row]))
    return answers.scores[:, column].astype(np.float64)


def _plain(value: object) -> float | str | None:
    if isinstance(value, str):
        return value or None
    # The shortest number that is this float32: 0.1 and not 0.10000000149011612.
    number = float(str(value))
    return None if np.isnan(number) else number
