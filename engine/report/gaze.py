"""Where a model looks in pictures: one map for each that is shown, and their mean over those it recognises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.families.base import Budget
from engine.report.picture_rows import Asker, Doubles, Pixels
from engine.serving.explain_picture import occlusion
from engine.specs.picture_findings import ClassGaze, Gaze, Heat, ShownPicture

#: Cells of a map along the longer side, and of a mean map along each: 66 questions for a picture, not 146.
CELLS = 8
#: Of them, the border on each side.
BORDER = 1


@dataclass(frozen=True, kw_only=True)
class Looked:
    """The map of one picture.   column: of the scores, whose fall it shows."""

    heat: Doubles
    column: int


def look(
    asker: Asker, pictures: Sequence[tuple[int, Pixels, int]], budget: Budget, told: Callable[[float], None]
) -> dict[int, Looked]:
    """Return row → its map, in the order given, for as many as the budget lets.

    pictures: (row, pixels, column of the scores to watch).   told: receives the share done.
    """
    found: dict[int, Looked] = {}
    for done, (row, pixels, column) in enumerate(pictures):
        if budget.is_spent:
            break
        told(done / len(pictures))
        if row not in found:
            _, heat = occlusion(pixels, partial(_score, asker, column), cells=CELLS)
            found[row] = Looked(heat=heat, column=column)
    return found


def mean_gaze(
    looked: Mapping[int, Looked],
    by_class: Mapping[str, Sequence[int]],
    examples: Mapping[int, ShownPicture],
) -> Gaze | None:
    """Return the mean maps of some pictures; None where nothing was looked at.

    by_class: class → rows of pictures it was rightly recognised in; "" for a number as answer.   Maps weigh alike.
    """
    classes, weights = [], []
    for label, rows in by_class.items():
        maps = [_weights(looked[row].heat, signed=bool(label)) for row in rows if row in looked]
        kept = [one for one in maps if one is not None]
        if not kept:
            continue
        weights += kept
        example = next((examples[row] for row in rows if row in looked and row in examples), None)
        classes.append(
            ClassGaze(label=label, pictures=len(kept), heat=heat_of(np.mean(kept, axis=0)), example=example)
        )
    if not weights:
        return None
    border = _border()
    return Gaze(
        pictures=len(weights),
        border_share=float(np.mean([one[border].sum() for one in weights])),
        border_area=float(border.mean()),
        classes=tuple(classes),
    )


def heat_of(cells: Doubles) -> Heat:
    """Return a map as plain numbers; four digits are more than an eye can tell."""
    return tuple(tuple(float(f"{value:.4g}") for value in line) for line in cells.tolist())


def _score(asker: Asker, column: int, pictures: Pixels) -> Doubles:
    return asker.same_size(pictures)[:, column]


def _weights(heat: Doubles, *, signed: bool) -> Doubles | None:
    """The map on CELLS × CELLS cells that sum to 1; None for a picture in which no place matters."""
    rows = np.minimum(np.arange(CELLS) * heat.shape[0] // CELLS, heat.shape[0] - 1)
    cols = np.minimum(np.arange(CELLS) * heat.shape[1] // CELLS, heat.shape[1] - 1)
    cells = heat[np.ix_(rows, cols)]
    cells = np.maximum(cells, 0.0) if signed else np.abs(cells)
    total = float(cells.sum())
    return cells / total if total > 1e-6 else None


def _border() -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    border = np.ones((CELLS, CELLS), dtype=np.bool_)
    border[BORDER:-BORDER, BORDER:-BORDER] = False
    return border
