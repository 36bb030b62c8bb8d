"""Advice on what more rows would bring."""

from __future__ import annotations

from engine.advice.rule import Facts, Rule, Values, percent
from engine.evaluation.metrics import metric
from engine.specs.learning import LITTLE


class MoreRowsWouldHelp(Rule):
    code, stage, severity = "AM413", "evaluation", "tip"
    title = "More rows would make the model better"
    why = (
        "The heaviest of the chosen models was trained on parts of its rows and judged on the same others. Where its "
        "curve still rises for sure, and twice the rows are worth 2 % of what the model gains over guessing, rows pay. "
        "A model that the time limit ended is not judged so: it needs time first (AM302). Source: Hestness et al., "
        "Deep Learning Scaling is Predictable, Empirically, 2017."
    )
    evidence = (
        "{title}: {half:figure} with {half_rows:,} training rows, {now:figure} with {rows:,}. Twice as many are "
        "expected to gain {gain:figure} (95 % between {low:figure} and {high:figure}), {percent:.0f} % of the gain "
        "over guessing."
    )
    action = "Collect about {more:,} more rows like these."
    percent = 100.0 * LITTLE
    #: A curve of fewer of the rows there are speaks of rows that need not be collected.
    least_used = 0.7

    def measure(self, facts: Facts) -> Values | None:
        found = facts.learning
        baseline = facts.evaluation.against("baseline") if facts.evaluation is not None else None
        if found is None or baseline is None or baseline.gain <= 0.0:
            return None
        worth = percent(found.gain, baseline.gain)
        if worth < self.percent or found.gain_interval.low <= 0.0:
            return None
        there = facts.divided.rows.get("train", 0) if facts.divided is not None else 0
        if found.whole.rows < self.least_used * there:
            return None
        before = found.points[-2]
        return {
            "title": metric(found.metric).title,
            "half": before.score,
            "half_rows": before.rows,
            "now": found.whole.score,
            "rows": found.whole.rows,
            "gain": found.gain,
            "low": found.gain_interval.low,
            "high": found.gain_interval.high,
            "percent": worth,
            "more": found.whole.rows,
        }


RULES: tuple[Rule, ...] = (MoreRowsWouldHelp(),)
