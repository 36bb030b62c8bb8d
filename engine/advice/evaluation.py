"""Advice on what the test rows said."""

from __future__ import annotations

from collections.abc import Sequence

from engine.advice.rule import Facts, Rule, Values
from engine.evaluation.metrics import metric
from engine.specs.evaluation import Evaluation, Severity
from engine.specs.wording import named


def _gain(found: Evaluation | None) -> float | None:
    """What the model gains over guessing in the deciding metric; None when unknown or nothing."""
    baseline = found.against("baseline") if found is not None else None
    return baseline.gain if baseline is not None and baseline.gain > 0.0 else None


class NoBetterThanBaseline(Rule):
    code, stage, severity = "AM401", "evaluation", "issue"
    title = "The model is not surely better than guessing"
    why = (
        "When the 95 % interval of the gain over always giving the same answer reaches 0, chance explains it."
    )
    evidence = (
        "{title}: {value:figure}, guessing {baseline:figure}. The gain lies between {low:figure} and "
        "{high:figure}."
    )
    action = "Add columns that could explain '{target}', or collect more rows, before using this model."

    def measure(self, facts: Facts) -> Values | None:
        found = facts.evaluation
        other = found.against("baseline") if found is not None else None
        if found is None or other is None or other.interval is None or other.interval.low > 0.0:
            return None
        return {
            "title": found.deciding.title,
            "value": found.deciding.value,
            "baseline": found.deciding.value if found.deciding.baseline is None else found.deciding.baseline,
            "low": other.interval.low,
            "high": other.interval.high,
            "target": facts.task.target if facts.task is not None else "the target",
        }


class NoBetterThanLinear(Rule):
    code, stage, severity = "AM402", "evaluation", "tip"
    title = "A linear model does as well"
    why = (
        "A linear model is smaller, faster and can be explained; a complex one has to earn its place. "
        "Compared on the same test rows, so that hard rows hurt both."
    )
    evidence = (
        "{title}: {value:figure}, a linear model {linear:figure}. The gain over it lies between "
        "{low:figure} and {high:figure}."
    )
    action = "Prefer the linear model: run again with it alone."
    option = "--families {family}"

    def measure(self, facts: Facts) -> Values | None:
        found = facts.evaluation
        other = found.against("linear") if found is not None else None
        if found is None or other is None or other.interval is None or found.deciding.linear is None:
            return None
        is_linear_itself = other.interval.low == other.interval.high == 0.0
        if is_linear_itself or other.interval.low > 0.0 or facts.linear_family is None:
            return None
        return {
            "title": found.deciding.title,
            "value": found.deciding.value,
            "linear": found.deciding.linear,
            "low": other.interval.low,
            "high": other.interval.high,
            "family": facts.linear_family,
        }

    def severity_of(self, values: Values) -> Severity:
        return "issue" if float(values["high"]) < 0.0 else "tip"


class WideInterval(Rule):
    code, stage, severity = "AM403", "evaluation", "tip"
    title = "The figure is not known well"
    why = (
        "When the interval is half as wide as the whole gain over guessing, another draw may halve the gain."
    )
    evidence = (
        "{title} is {value:figure}, with 95 % certainty between {low:figure} and {high:figure}: "
        "{width:.0f} % of the gain over guessing."
    )
    action = "Test on more rows, or collect more data."
    option = "--test-share"
    percent = 50.0

    def measure(self, facts: Facts) -> Values | None:
        found, gain = facts.evaluation, _gain(facts.evaluation)
        if found is None or gain is None or found.deciding.interval is None:
            return None
        low, high = found.deciding.interval.low, found.deciding.interval.high
        width = 100.0 * (high - low) / gain
        if width < self.percent or NoBetterThanBaseline().measure(facts) is not None:
            return None
        score = found.deciding
        return {"title": score.title, "value": score.value, "low": low, "high": high, "width": width}


class ClassNeverPredicted(Rule):
    code, stage, severity = "AM404", "evaluation", "issue"
    title = "A class is never predicted"
    why = "The answer is the class of the highest probability; a rare class may never reach it."
    evidence = "Never predicted: {classes}, though {rows:,} test rows are of this kind."
    action = "Collect more rows of '{first}', or let balanced accuracy decide."
    option = "--metric balanced_accuracy"

    def measure(self, facts: Facts) -> Values | None:
        scores = facts.evaluation.classes if facts.evaluation is not None else ()
        never = sorted((c for c in scores if c.rows and not c.predicted), key=lambda c: -c.rows)
        if not never:
            return None
        return {
            "first": never[0].label,
            "classes": named(c.label for c in never),
            "rows": sum(c.rows for c in never),
            "count": len(never),
        }


class PoorlyCalibrated(Rule):
    code, stage, severity = "AM405", "evaluation", "tip"
    title = "Probabilities cannot be taken at their word"
    why = (
        "Five points is where a stated 80 % may be 75 %; twice what chance alone would show keeps small "
        "tests silent. Source: Guo et al., On Calibration of Modern Neural Networks, 2017."
    )
    evidence = (
        "Stated probabilities miss what came true by {error:.1f} points on average; chance alone would show "
        "{chance:.1f}."
    )
    action = "Use the ranking rather than the probabilities, or let log loss decide."
    option = "--metric log_loss"
    tip_points, issue_points, over_chance = 5.0, 15.0, 2.0

    def measure(self, facts: Facts) -> Values | None:
        found = facts.evaluation.calibration if facts.evaluation is not None else None
        if found is None:
            return None
        error, chance = 100.0 * found.expected_error, 100.0 * found.chance_error
        if error < self.tip_points or error < self.over_chance * chance:
            return None
        return {"error": error, "chance": chance}

    def severity_of(self, values: Values) -> Severity:
        return "issue" if float(values["error"]) >= self.issue_points else "tip"


class WeakSlice(Rule):
    code, stage, severity = "AM406", "evaluation", "tip"
    title = "One group fares clearly worse"
    why = (
        "The group's whole interval lies below the overall figure, and it loses at least a fifth of the "
        "gain over guessing; with several groups looked at, a smaller gap may be chance."
    )
    evidence = (
        "Where '{column}' is '{group}' ({rows:,} test rows), {title} is {score:figure} instead of "
        "{whole:figure}."
    )
    action = "Collect more rows where '{column}' is '{group}', and look at its worst errors."
    percent = 20.0

    def measure(self, facts: Facts) -> Values | None:
        found, gain = facts.evaluation, _gain(facts.evaluation)
        weakest = next((s for s in found.slices if s.is_weakest), None) if found is not None else None
        if found is None or weakest is None or gain is None:
            return None
        score = found.deciding
        lost = 100.0 * metric(score.name).gain(score.value, weakest.score) / gain
        if lost < self.percent:
            return None
        return {
            "column": weakest.column,
            "group": weakest.value or "(missing)",
            "rows": weakest.rows,
            "title": score.title,
            "score": weakest.score,
            "whole": score.value,
            "lost": lost,
        }


class GrowingErrors(Rule):
    code, stage, severity = "AM407", "evaluation", "tip"
    title = "Errors grow with the answer"
    why = (
        "When the target is positive and spans a factor of ten or more, and larger answers have larger "
        "errors, it often behaves evenly on a logarithmic scale. Source: Box and Cox, An Analysis of "
        "Transformations, 1964."
    )
    evidence = (
        "The target runs from {minimum:figure} to {maximum:figure}, and errors grow with the prediction "
        "(rank correlation {growth:.2f})."
    )
    action = "Try to predict a column with the logarithm of '{target}', if a relative error is what matters."
    growth, factor = 0.3, 10.0

    def measure(self, facts: Facts) -> Values | None:
        found = facts.evaluation.residuals if facts.evaluation is not None else None
        if found is None or found.target_minimum <= 0.0 or found.spread_growth < self.growth:
            return None
        if found.target_maximum < self.factor * found.target_minimum:
            return None
        return {
            "minimum": found.target_minimum,
            "maximum": found.target_maximum,
            "growth": found.spread_growth,
            "target": facts.task.target if facts.task is not None else "the target",
        }


class DominantColumn(Rule):
    code, stage, severity = "AM408", "evaluation", "tip"
    title = "One column carries the model"
    why = (
        "A model that leans on one column is as good as that column's next value, and leaks look just "
        "like this."
    )
    evidence = "Shuffling '{column}' costs {percent:.0f} % of all that the columns are worth together."
    action = "Make sure '{column}' is known, and up to date, whenever the model is asked."
    percent = 80.0
    fewest_columns = 3

    def measure(self, facts: Facts) -> Values | None:
        losses = _losses(facts)
        total = sum(loss for _, loss in losses)
        if len(losses) < self.fewest_columns or total <= 0.0:
            return None
        column, loss = max(losses, key=lambda pair: pair[1])
        share = 100.0 * loss / total
        return {"column": column, "percent": share} if share >= self.percent else None


class ValidationDisagrees(Rule):
    code, stage, severity = "AM409", "evaluation", "tip"
    title = "Validation and test disagree"
    why = (
        "The two sets should differ by chance only. Beyond twice the test's own uncertainty (validation "
        "has as much, and the model was chosen by it) rows of the two sets are not alike, or many "
        "models were tried on few rows."
    )
    evidence = (
        "{title}: {valid:figure} in validation, {test:figure} on test rows (95 % between "
        "{low:figure} and {high:figure})."
    )
    action = "Trust the test figure, and run again with another seed to see how far it moves."
    option = "--seed"
    half_widths = 2.0

    def measure(self, facts: Facts) -> Values | None:
        found = facts.evaluation
        leading = facts.leading
        valid = facts.valid_score if leading is None or facts.valid_score is not None else leading.score
        if found is None or valid is None or found.deciding.interval is None:
            return None
        score, interval = found.deciding, found.deciding.interval
        low, high = score.value - interval.low, interval.high - score.value
        if -self.half_widths * low <= valid - score.value <= self.half_widths * high:
            return None
        return {
            "title": score.title,
            "valid": valid,
            "test": score.value,
            "low": interval.low,
            "high": interval.high,
        }


class TooGood(Rule):
    code, stage, severity = "AM410", "evaluation", "issue"
    title = "The score is nearly perfect"
    why = (
        "Real questions rarely have perfect answers; far more often a column was written after the "
        "outcome, or the same case is in training and test. Source: Kaufman et al., Leakage in Data "
        "Mining, 2012."
    )
    evidence = (
        "{title} is {value:figure}: {percent:.2f} % of the way from guessing ({baseline:figure}) to perfect."
    )
    action = "Check that every column is known before the answer is, beginning with '{column}'."
    percent = 99.5

    def measure(self, facts: Facts) -> Values | None:
        found = facts.evaluation
        # Pictures of clear things are recognised without error, and no column of theirs is written afterwards.
        if found is None or found.deciding.baseline is None or facts.task is None or facts.reads_pictures:
            return None
        score, baseline = found.deciding, found.deciding.baseline
        decider = metric(score.name)
        whole = decider.gain(decider.best, baseline)
        share = 100.0 * decider.gain(score.value, baseline) / whole if whole > 0.0 else 0.0
        if share < self.percent:
            return None
        losses = _losses(facts)
        column = max(losses, key=lambda pair: pair[1])[0] if losses else "the strongest"
        return {
            "title": score.title,
            "value": score.value,
            "baseline": baseline,
            "percent": share,
            "column": column,
        }


class UselessColumns(Rule):
    code, stage, severity = "AM411", "evaluation", "tip"
    title = "Columns that add nothing"
    why = (
        "A column whose shuffling never cost anything in three tries can go: every column asked of the "
        "user has to be there whenever the model is. Columns that say the same thing hide each other, "
        "so leave out one at a time."
    )
    evidence = (
        "Shuffling these columns changed nothing or helped, every time ({count:,} of {all:,}): {columns}."
    )
    action = "Leave them out one at a time, beginning with '{first}', and compare the scores."
    option = "--drop '{first}'"
    fewest_repeats = 3
    fewest_columns = 3

    def measure(self, facts: Facts) -> Values | None:
        found = facts.importance
        if found is None or found.repeats < self.fewest_repeats:
            return None
        used = [c for c in found.columns if c.column in facts.used_columns]
        idle = sorted((c for c in used if c.high <= 0.0), key=lambda c: c.loss)
        if len(idle) < self.fewest_columns:
            return None
        return {
            "count": len(idle),
            "all": len(used),
            "columns": named(c.column for c in idle),
            "first": idle[0].column,
        }


class BoundsTooNarrow(Rule):
    code, stage, severity = "AM412", "evaluation", "tip"
    title = "The bounds around predictions promise too much"
    why = (
        "Bounds hold what they promise for rows like those that judged the models. Where the 95 % interval of the "
        "share held on test rows stays two points below it, test rows are of another kind: later, or other groups."
    )
    evidence = (
        "The bounds promise to hold {level:share} of the rows; of the test rows they hold {held:share} (95 % between "
        "{low:share} and {high:share})."
    )
    action = "Collect newer rows, or more like those that are asked about; until then, take the bounds as too narrow."
    tip_points, issue_points = 2.0, 10.0

    def measure(self, facts: Facts) -> Values | None:
        found = facts.evaluation.coverage if facts.evaluation is not None else None
        if found is None or 100.0 * (found.level - found.interval.high) <= self.tip_points:
            return None
        return {
            "level": found.level,
            "held": found.share,
            "low": found.interval.low,
            "high": found.interval.high,
        }

    def severity_of(self, values: Values) -> Severity:
        short = 100.0 * (float(values["level"]) - float(values["high"]))
        return "issue" if short >= self.issue_points else "tip"


def _losses(facts: Facts) -> Sequence[tuple[str, float]]:
    columns = facts.importance.columns if facts.importance is not None else ()
    return [(c.column, max(0.0, c.loss)) for c in columns]


RULES: tuple[Rule, ...] = (
    NoBetterThanBaseline(),
    NoBetterThanLinear(),
    WideInterval(),
    ClassNeverPredicted(),
    PoorlyCalibrated(),
    WeakSlice(),
    GrowingErrors(),
    DominantColumn(),
    ValidationDisagrees(),
    TooGood(),
    UselessColumns(),
    BoundsTooNarrow(),
)
