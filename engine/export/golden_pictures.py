"""The golden rows of a model that reads pictures: real ones that differ, made small, and a grey one nobody took."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine.modalities.image import decode, encode_png, thumbnail
from engine.serving.model import Prediction

#: Longer side in pixels of a picture that is kept in the model file.
MOST_SIDE = 64
#: Real pictures kept: with the grey one about 150 kB of text in the file at most.
MOST_PICTURES = 12
#: Another processor's rounding: a network's float32 sums run through many layers, and a pixel that lies between two
#: whole numbers may be rounded to either.
SCORE_TOLERANCE = 5e-4
#: The grey picture: higher than wide, so that swapped sides are seen.
_GREY_SIZE = (24, 16)
_GREY = 128


def choose_pictures(answers: Prediction) -> list[int]:
    """Return row numbers of pictures that differ: one of each answered class, then along the scores of the last one."""
    order = np.argsort(answers.scores[:, -1], kind="stable")
    places = np.linspace(0, len(order) - 1, min(MOST_PICTURES, len(order))).round().astype(int)
    spread = order[places].tolist()
    firsts: Sequence[int] = ()
    if answers.labels is not None:
        _, found = np.unique(answers.labels.astype(str), return_index=True)
        firsts = found[
            np.linspace(0, len(found) - 1, min(MOST_PICTURES, len(found))).round().astype(int)
        ].tolist()
    return list(dict.fromkeys([*firsts, *spread]))[:MOST_PICTURES]


def made_small(content: bytes) -> bytes:
    """Return a picture as a PNG file of at most MOST_SIDE pixels a side; a smaller one keeps its every pixel.

    Raises: BadData when it cannot be read.
    """
    pixels = decode(content)
    if max(pixels.shape[:2]) > MOST_SIDE:
        pixels = decode(thumbnail(content, MOST_SIDE))
    return encode_png(pixels)


def grey_picture() -> bytes:
    """Return the picture that nobody took: one grey, as a PNG file."""
    pixels: npt.NDArray[np.uint8] = np.full((*_GREY_SIZE, 3), _GREY, dtype=np.uint8)
    return encode_png(pixels)


def as_text(pictures: Sequence[object]) -> tuple[str, ...]:
    """Return files, bytes objects, as base64, as JSON holds them."""
    files = [content for content in pictures if isinstance(content, bytes)]
    return tuple(base64.b64encode(content).decode("ascii") for content in files)
