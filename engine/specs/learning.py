"""What a model reached on fewer training rows, and what more of them can be expected to bring."""

from __future__ import annotations

from dataclasses import dataclass

from engine.specs.evaluation import Interval

#: A gain below this share of what the model gains over guessing is little.
LITTLE = 0.02


@dataclass(frozen=True, kw_only=True)
class LearningPoint:
    """The deciding metric after training on `rows` rows.   interval: of 95 %, by drawing the judging rows again."""

    rows: int
    score: float
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class LearningCurve:
    """One model of the published one, trained on parts of its training rows.

    family, metric: their names.   judged: rows that judged every point, none of which it was trained on.
    points: fewest rows first; the last is all rows that the model was trained on.
    line: (rows, score) of the fitted curve, from the first point to twice the rows of the last.
    doubled: expected on twice the rows of the last point.
    gain: of `doubled` over the last point; positive is better whatever the metric.   gain_interval: of 95 %.
    """

    family: str
    metric: str
    judged: int
    points: tuple[LearningPoint, ...]
    line: tuple[tuple[float, float], ...]
    doubled: LearningPoint
    gain: float
    gain_interval: Interval
    version: int = 1

    @property
    def whole(self) -> LearningPoint:
        """The point of all training rows."""
        return self.points[-1]

    def changes_little(self, over_guessing: float) -> bool:
        """Say whether twice the rows surely gain little.   over_guessing: what the model gains over guessing."""
        return self.gain_interval.high < LITTLE * over_guessing
