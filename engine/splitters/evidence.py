"""Measure what one column alone tells about the target, on rows the answer was not learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.words import words

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Ranges a number is read by: at most so many, and so many rows in each, or it could not be learned from.
BINS, _BIN_ROWS = 256, 10
#: Cells of the largest table of counts (values × classes); rarer categories are counted together beyond it.
_MOST_COUNTS = 2_000_000
#: Ranks this alike are a monotone copy; values this alike, in line.
_SAME_RANKS, _SAME_LINE, _NEAR_RANKS = 0.9999, 0.99999, 0.99
#: "Only when": so many rows on each side, so pure, and so much of the class explained.
_EACH_SIDE, _PURE, _COVERED = 20, 0.995, 0.5
#: Rows that the commonest class gets wrong; with fewer, nothing can be told from chance.
_LEAST_OPEN = 10


@dataclass(frozen=True)
class Answers:
    """The target.   y: (rows,) class index, or ranks in [0, 1].   parts: (rows,) who is told with whom.

    raw: (rows,) the values of a regression target; empty for classification.
    """

    y: npt.NDArray[Any]
    classes: tuple[str, ...]
    parts: Ints
    raw: Floats | None = None

    @classmethod
    def of_numbers(cls, raw: Floats, parts: Ints) -> Answers:
        """Answers of a regression: judged by rank, so that a few huge values do not decide."""
        return cls(y=_ranks(raw), classes=(), parts=parts, raw=raw)


@dataclass(frozen=True)
class Values:
    """One column.   codes: (rows,) 0 for missing, else from 1.   numbers: (rows,) NaN if missing, or None."""

    codes: Ints
    distinct: int
    numbers: Floats | None = None

    @classmethod
    def of_text(cls, values: pa.ChunkedArray) -> Values:
        """Categories of a text column."""
        encoded = values.combine_chunks().dictionary_encode()
        indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        return cls(codes=indices + 1, distinct=len(encoded.dictionary))

    @classmethod
    def of_numbers(cls, values: pa.ChunkedArray) -> Values:
        """Values of a number column, or ranges of equal size when it has too many."""
        numbers = values.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
        missing = np.isnan(numbers)
        present = numbers[~missing]
        levels = np.unique(present)
        codes = np.zeros(len(numbers), dtype=np.int64)
        bins = max(2, min(BINS, len(present) // _BIN_ROWS))
        if len(levels) <= bins:
            codes[~missing] = np.searchsorted(levels, present) + 1
        else:
            ordered = np.sort(present)
            edges = np.unique(ordered[np.linspace(0, len(ordered) - 1, bins + 1).astype(np.int64)[1:-1]])
            codes[~missing] = np.searchsorted(edges, present, side="right") + 1
        return cls(codes=codes, distinct=len(levels), numbers=numbers)


def copied(values: Values, answers: Answers) -> str | None:
    """Say how the column copies the target where it is present, or None.   At least half the rows must be."""
    present = values.codes > 0
    if 2 * int(present.sum()) < len(present):
        return None
    if answers.classes:
        if values.distinct > len(answers.classes):
            return None
        counts = _counts(values.codes, answers)[1:] > 0
        counts = counts[counts.any(axis=1)][:, counts.any(axis=0)]
        renamed = (
            bool((counts.sum(axis=0) == 1).all() and (counts.sum(axis=1) == 1).all()) and len(counts) > 1
        )
        return words("each of its values stands for one class") if renamed else None
    if values.numbers is None or answers.raw is None:
        return None
    usable = present & np.isfinite(values.numbers)
    if usable.sum() < 2:
        return None
    column, target = values.numbers[usable], answers.raw[usable]
    ranks = abs(_correlation(_ranks(column), _ranks(target)))
    if ranks >= _SAME_RANKS:
        return words("it orders the rows exactly as the target does")
    is_line = ranks >= _NEAR_RANKS and abs(_correlation(column, target)) >= _SAME_LINE
    return words("it follows the target along a straight line") if is_line else None


def present_only(values: Values, answers: Answers) -> tuple[float, str] | None:
    """Say when the column is there (or missing) only for one class, with the share of that class; or None."""
    if not answers.classes:
        return None
    missing = values.codes == 0
    width = len(answers.classes)
    for is_there, side in ((True, ~missing), (False, missing)):
        if side.sum() < _EACH_SIDE or (~side).sum() < _EACH_SIDE:
            continue
        here = np.bincount(answers.y[side], minlength=width)
        there = np.bincount(answers.y[~side], minlength=width)
        top = int(here.argmax())
        covered = here[top] / (here[top] + there[top])
        is_pure = here[top] >= _PURE * here.sum() and 2 * there[top] < there.sum()
        if is_pure and covered >= _COVERED:
            said = {"label": answers.classes[top], "percent": 100 * float(covered)}
            if is_there:
                told = words(
                    "is filled in only when the target is {label!r} ({percent:.0f} % of these rows)", **said
                )
            else:
                told = words(
                    "is missing only when the target is {label!r} ({percent:.0f} % of these rows)", **said
                )
            return float(covered), told
    return None


def skill(values: Values, answers: Answers) -> float:
    """Return how much of what the commonest answer leaves open the column settles: 0 nothing, 1 all.

    Each part is told from the other parts: by the class most frequent at a value, or the mean rank there.
    """
    if answers.classes:
        return _class_skill(values, answers)
    return _number_skill(values, answers)


def _class_skill(values: Values, answers: Answers) -> float:
    codes = _fewer(values.codes, _MOST_COUNTS // len(answers.classes))
    counts = _counts(codes, answers)
    rows = np.arange(len(counts))
    right = usual = 0
    for part in np.unique(answers.parts):
        inside = answers.parts == part
        told = _counts(
            codes[inside], Answers(answers.y[inside], answers.classes, answers.parts[inside]), len(counts)
        )
        learned = counts - told
        commonest = int(learned.sum(axis=0).argmax())
        guess = np.where(learned.sum(axis=1) > 0, learned.argmax(axis=1), commonest)
        right += int(told[rows, guess].sum())
        usual += int(told[:, commonest].sum())
    left = len(codes) - usual
    return (right - usual) / left if left >= _LEAST_OPEN else 0.0


def _number_skill(values: Values, answers: Answers) -> float:
    codes = _fewer(values.codes, _MOST_COUNTS)
    size = int(codes.max()) + 1
    rows = np.bincount(codes, minlength=size).astype(np.float64)
    sums = np.bincount(codes, weights=answers.y, minlength=size)
    error = spread = 0.0
    for part in np.unique(answers.parts):
        inside = answers.parts == part
        learned = rows - np.bincount(codes[inside], minlength=size)
        total = sums - np.bincount(codes[inside], weights=answers.y[inside], minlength=size)
        if not learned.sum():
            return 0.0
        mean = total.sum() / learned.sum()
        guess = np.where(learned > 0, total / np.maximum(learned, 1), mean)[codes[inside]]
        error += float(((answers.y[inside] - guess) ** 2).sum())
        spread += float(((answers.y[inside] - mean) ** 2).sum())
    return 1 - error / spread if spread > 0 else 0.0


def _fewer(codes: Ints, most: int) -> Ints:
    """Put the rarest values together so that at most `most` are left."""
    rows = np.bincount(codes)
    if len(rows) <= most:
        return codes
    kept = np.argsort(rows, kind="stable")[::-1][: max(1, most - 1)]
    renumbered = np.zeros(len(rows), dtype=np.int64)
    renumbered[kept] = np.arange(1, len(kept) + 1)
    return renumbered[codes]


def _counts(codes: Ints, answers: Answers, height: int | None = None) -> Ints:
    width = len(answers.classes)
    height = height or int(codes.max()) + 1
    return np.bincount(codes * width + answers.y, minlength=height * width).reshape(height, width)


def _ranks(values: Floats) -> Floats:
    """Ranks scaled to [0, 1]; equal values share their middle rank."""
    _, place, rows = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(rows)
    middle = last - (rows + 1) / 2
    return np.asarray(middle[place] / max(1, len(values) - 1), dtype=np.float64)


def _correlation(left: Floats, right: Floats) -> float:
    left, right = left - left.mean(), right - right.mean()
    scale = float(np.sqrt((left**2).sum() * (right**2).sum()))
    return float((left * right).sum()) / scale if scale > 0 else 0.0
