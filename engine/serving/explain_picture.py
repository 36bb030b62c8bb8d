"""Say where a model looks in a picture: a grey patch slides over it, and the answer's probability falls where it hides
what the answer rests on.

Source: Zeiler & Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014, section 4.2. The patch has the
picture's mean grey, so that it is no event of its own; it covers two cells of the map each way and moves by one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from engine.modalities.image import decode, thumbnail
from engine.serving.explain import Explanation
from engine.serving.model import Prediction, ServedModel
from engine.serving.pictures import Feeds, Pixels, decode_row, picture_input
from engine.serving.session import Stop

#: Cells of the map along the longer side: some hundred pictures are computed for one explanation.
MOST_CELLS = 12
#: Longer side in pixels of the picture that is covered: no model reads more of it, and a photo would take minutes.
MOST_SIDE = 256
_TOGETHER = 32

Doubles = npt.NDArray[np.float64]


def explain_picture(
    model: ServedModel, feeds: Feeds, prediction: Prediction, row: int, stop: Stop | None = None
) -> Explanation:
    """Explain the answer `prediction` gave to `row` (0-based) of `feeds`, whose pictures are files.

    Returns: an Explanation without contributions: `score` is the answered one, `base` that of the picture all grey, and
        `heat` the map, of at most MOST_CELLS cells a side, in the picture's own proportions.
    Raises: BadData for a picture that cannot be read; WorkFailed when onnxruntime fails; Stopped when `stop` ended it.
    """
    name = picture_input(model.inputs) or ""
    others = {other: feed[row] for other, feed in feeds.items() if other != name}
    pixels = _small(feeds[name][row, 0], row)
    column = 0 if prediction.labels is None else model.classes.index(str(prediction.labels[row]))

    def ask(part: Pixels) -> Doubles:
        batch = {other: np.repeat(value.reshape(1, 1), len(part), axis=0) for other, value in others.items()}
        return model.answer_feeds({**batch, name: part}, stop).scores[:, column].astype(np.float64)

    base, drops = occlusion(pixels, ask)
    return Explanation(
        answer=None if prediction.labels is None else str(prediction.labels[row]),
        score=float(prediction.scores[row, column]),
        base=base,
        contributions=(),
        heat=tuple(tuple(line) for line in drops.tolist()),
    )


def occlusion(
    pixels: Pixels, ask: Callable[[Pixels], Doubles], *, cells: int = MOST_CELLS
) -> tuple[float, Doubles]:
    """Return the score of the picture all grey, and how much the score falls where each cell is hidden.

    pixels: (H, W, 3), at most MOST_SIDE a side, or this takes long.   ask: (n, H, W, 3) in, the score (n,) out.
    Shapes: the map (rows, columns), `cells` along the longer side at most.
    """
    height, width = pixels.shape[:2]
    rows, cols = _grid(height, width, cells)
    grey = round(float(pixels.mean()))
    covered = itertools.chain([pixels, np.full_like(pixels, grey)], _covered(pixels, rows, cols, grey))
    scores: list[Doubles] = []
    while part := list(itertools.islice(covered, _TOGETHER)):
        scores.append(ask(np.stack(part)))
    found = np.concatenate(scores)
    return float(found[1]), (found[0] - found[2:]).reshape(rows, cols)


def _small(content: bytes, row: int) -> Pixels:
    """Return the picture, at most MOST_SIDE pixels a side."""
    pixels = decode_row(content, row)
    if max(pixels.shape[:2]) <= MOST_SIDE:
        return pixels
    del pixels  # a photo is large enough to be held once
    return decode(thumbnail(content, MOST_SIDE))


def _grid(height: int, width: int, cells: int = MOST_CELLS) -> tuple[int, int]:
    """Return the map's rows and columns: nearly square cells, `cells` along the longer side, a pixel at least.

    >>> _grid(100, 200), _grid(8, 8), _grid(1, 300)
    ((6, 12), (8, 8), (1, 12))
    """
    cell = max(height, width, cells) / cells
    return max(1, min(height, round(height / cell))), max(1, min(width, round(width / cell)))


def _covered(pixels: Pixels, rows: int, cols: int, grey: int) -> Iterator[Pixels]:
    """Yield the picture with a grey patch around each cell in turn, row by row of the map."""
    height, width = pixels.shape[:2]
    for i, j in itertools.product(range(rows), range(cols)):
        top, bottom = _span(i, height / rows, height)
        left, right = _span(j, width / cols, width)
        changed = pixels.copy()
        changed[top:bottom, left:right] = grey
        yield changed


def _span(at: int, cell: float, length: int) -> tuple[int, int]:
    """Return the pixels from half a cell before cell `at` to half a cell behind it, one at least."""
    first = max(0, round((at - 0.5) * cell))
    return first, max(first + 1, min(length, round((at + 1.5) * cell)))
