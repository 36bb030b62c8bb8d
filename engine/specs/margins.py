"""How far the truth may lie from a predicted number: the margins of a regression's answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Margins:
    """Bounds between which the truth lies for a share `level` of rows like those the margins were taken from.

    All numbers but `level` are float32 values, so that the model file and Python compute the same bounds to the bit.
    edges: ascending; a prediction belongs to band i where it is above exactly i of them.
    below, above: one of each per band, ≥ 0: the bounds are prediction - below and prediction + above.
    floor: no lower bound lies under it, unless the prediction itself does; None: nothing is known to be impossible.
    rows: that the margins were taken from.
    """

    level: float
    edges: tuple[float, ...]
    below: tuple[float, ...]
    above: tuple[float, ...]
    rows: int
    floor: float | None = None
