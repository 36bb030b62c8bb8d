"""Advice on how training went."""

from __future__ import annotations

import statistics
from dataclasses import replace

from engine.advice.rule import Facts, Rule, Values
from engine.evaluation.metrics import metric
from engine.specs.evaluation import Finding, Severity


class OverfitGap(Rule):
    code, stage, severity = "AM301", "training", "tip"
    title = "The model knows its training rows much better than others"
    why = (
        "Some gap is normal, so it is measured in what was gained over guessing. Forests and boosted trees "
        "fitted without any stopping lost 8 to 58 % of it on eight public tables (satellite least, "
        "wine_quality most): from 40 % on the gap is worth a look, from 60 % it is beyond all of these."
    )
    evidence = (
        "{title}: {train:figure} on training rows, {valid:figure} in validation. {lost:.0f} % of "
        "what it gains over guessing ({baseline:figure}) does not carry over."
    )
    action = "Collect more rows, or leave out columns that add nothing."
    option = "--drop"
    #: Said instead where a learning curve has shown it.
    without_rows = "Leave out columns that add nothing; more rows of this kind would change little."
    tip_percent, issue_percent = 40.0, 60.0

    def check(self, facts: Facts) -> Finding | None:
        found = super().check(facts)
        other = facts.evaluation.against("baseline") if facts.evaluation is not None else None
        if found is None or other is None or facts.learning is None:
            return found
        return (
            replace(found, action=self.without_rows) if facts.learning.changes_little(other.gain) else found
        )

    def measure(self, facts: Facts) -> Values | None:
        return None if facts.reads_pictures else self.gap(facts)  # of pictures AM351 speaks

    def gap(self, facts: Facts) -> Values | None:
        """Return the scores and what is lost between them, or None where it is little."""
        record, baseline = facts.leading, _baseline(facts)
        if record is None or record.train_score is None or baseline is None or facts.task is None:
            return None
        decider = metric(facts.task.metric)
        train_gain = decider.gain(record.train_score, baseline)
        if train_gain <= 0.0:
            return None
        lost = 100.0 * decider.gain(record.train_score, record.score) / train_gain
        if lost < self.tip_percent:
            return None
        return {
            "title": decider.title,
            "train": record.train_score,
            "valid": record.score,
            "baseline": baseline,
            "lost": min(lost, 100.0),
        }

    def severity_of(self, values: Values) -> Severity:
        return "issue" if float(values["lost"]) >= self.issue_percent else "tip"


class StoppedByTime(Rule):
    code, stage, severity = "AM302", "training", "tip"
    title = "Training was cut short while still improving"
    why = (
        "A model that was stopped by the clock, and whose last tenth of steps still improved, has more "
        "to give."
    )
    evidence = (
        "The leading model ({family}) was stopped by the time limit after {seconds:.0f} s, and the last "
        "tenth of its training brought {late:.1f} % of what it had learned."
    )
    action = "Give it more time: run again with {suggested:.0f} s."
    option = "--time-limit {suggested:.0f}"
    late_percent = 1.0
    fewest_steps = 10
    default_limit_s = 300.0

    def measure(self, facts: Facts) -> Values | None:
        record = facts.leading
        if record is None or record.stopped != "time":
            return None
        late = _late_percent([point[2] for point in record.curve], self.fewest_steps)
        if late is None or late < self.late_percent:
            return None
        return {
            "family": record.candidate.family,
            "seconds": record.seconds,
            "late": late,
            "suggested": 3.0 * (facts.time_limit_s or self.default_limit_s),
        }


class UnstableAcrossFolds(Rule):
    code, stage, severity = "AM303", "training", "tip"
    title = "The score hangs on which rows are left out"
    why = (
        "Trained on four fifths of the rows and asked about the rest, five times, a model should gain about the "
        "same over guessing. In 38 runs on 19 public tables of 230 to 1,000 rows the gains' deviation was 0 to "
        "34 % of their mean, in the middle 8 %; beyond 25 % were only weak signals and heavy tails."
    )
    evidence = (
        "{title}, gained over guessing on each of {folds} folds: from {low:figure} to {high:figure} "
        "({family}). The spread is {percent:.0f} % of the mean."
    )
    action = "Collect more rows, and do not read much into small differences between models."
    percent = 25.0

    def measure(self, facts: Facts) -> Values | None:
        record, guessing = facts.leading, facts.baseline_folds
        if record is None or facts.task is None or not guessing or len(record.fold_scores) != len(guessing):
            return None
        decider = metric(facts.task.metric)
        gains = [decider.gain(*pair) for pair in zip(record.fold_scores, guessing, strict=True)]
        mean = statistics.mean(gains)
        if mean <= 0.0 or 100.0 * statistics.stdev(gains) < self.percent * mean:
            return None
        return {
            "title": decider.title,
            "folds": len(gains),
            "low": min(gains),
            "high": max(gains),
            "percent": 100.0 * statistics.stdev(gains) / mean,
            "family": record.candidate.family,
        }


def _baseline(facts: Facts) -> float | None:
    if facts.baseline_score is not None:
        return facts.baseline_score
    return facts.evaluation.deciding.baseline if facts.evaluation is not None else None


def _late_percent(values: list[float], fewest_steps: int) -> float | None:
    """Share of the whole way from first to last that the last tenth went; either direction may be better."""
    known = [value for value in values if value == value]
    if len(known) < fewest_steps:
        return None
    whole = known[-1] - known[0]
    late = known[-1] - known[-1 - len(known) // 10]
    return 100.0 * late / whole if whole else None


RULES: tuple[Rule, ...] = (OverfitGap(), StoppedByTime(), UnstableAcrossFolds())
