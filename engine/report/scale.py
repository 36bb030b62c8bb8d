"""From values to places on a chart: even ticks at round numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.specs.wording import figure


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A mark on an axis.   at: place in the drawing.   text: the value there."""

    at: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Maps [low, high] to [start, end]; places are rounded to a tenth, which no eye can tell."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of `value`, kept inside the drawing."""
        inside = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return round(self.start + min(1.0, max(0.0, inside)) * (self.end - self.start), 1)

    def ticks(self, most: int = 5) -> tuple[Tick, ...]:
        """Return at most `most` + 1 ticks at multiples of 1, 2 or 5 times a power of ten."""
        return tuple(
            Tick(at=self(value), text=figure(value)) for value in round_values(self.low, self.high, most)
        )


def round_values(low: float, high: float, most: int = 5) -> tuple[float, ...]:
    """Return round numbers in [low, high].

    >>> round_values(0.0, 1.0), round_values(3.0, 47.0)
    ((0.0, 0.2, 0.4, 0.6, 0.8, 1.0), (10.0, 20.0, 30.0, 40.0))
    """
    if not high > low:
        return (low,)
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(round(i * step, 12) + 0.0 for i in range(first, last + 1))


def spread(values: Sequence[float], margin: float = 0.06) -> tuple[float, float]:
    """Return the range of `values` with some air at both ends.

    >>> spread([0.0, 10.0], margin=0.1)
    (-1.0, 11.0)
    """
    low, high = min(values), max(values)
    air = (high - low) * margin or abs(high) * margin or 1.0
    return low - air, high + air
