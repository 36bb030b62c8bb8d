"""Whether pictures may be mirrored: whether their mirror images still look like their class."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.families.fitted import Doubles

#: Pictures that are looked at, and the side that they are averaged down to.
_MOST, _SIDE = 600, 8
#: Share of its neighbour's hits that mirroring may cost before it is left out.
_TOLERATED = 0.15


def may_mirror(pictures: npt.NDArray[np.uint8], codes: Doubles, seed: int = 0) -> bool:
    """Say whether pictures mirrored sideways are as near to others of their class as they were before.

    Written signs are not: a mirrored 3 looks like no other 3. Compared is how often the nearest other picture
    (small, grey) is of the same class, before and after.
    pictures: (rows, height, width, 3).   codes: (rows,) class codes.
    """
    chosen = np.random.default_rng(seed).permutation(len(pictures))[:_MOST]
    if len(np.unique(codes[chosen])) < 2:
        return True
    small = _small(pictures[chosen])
    plain = _hits(small, small, codes[chosen])
    mirrored = _hits(small[:, :, ::-1], small, codes[chosen])
    chance = np.bincount(codes[chosen].astype(np.int64)).max() / len(chosen)
    return bool(mirrored - chance >= (1.0 - _TOLERATED) * (plain - chance) - 0.02)


def _small(pictures: npt.NDArray[np.uint8]) -> Doubles:
    """Return grey pictures (rows, side, side) of at most 8 × 8 means, each with mean 0."""
    grey = pictures.mean(axis=3)
    for axis in (1, 2):
        pieces = np.array_split(np.arange(grey.shape[axis]), min(_SIDE, grey.shape[axis]))
        grey = np.stack([grey.take(piece, axis=axis).mean(axis=axis) for piece in pieces], axis=axis)
    return grey - grey.mean(axis=(1, 2), keepdims=True)


def _hits(asked: Doubles, among: Doubles, codes: Doubles) -> float:
    """Return the share of `asked` whose nearest of `among`, itself left out, has the same code."""
    a, b = asked.reshape(len(asked), -1), among.reshape(len(among), -1)
    distance = np.square(b).sum(axis=1)[None, :] - 2.0 * a @ b.T
    np.fill_diagonal(distance, np.inf)
    return float(np.mean(codes[distance.argmin(axis=1)] == codes))
