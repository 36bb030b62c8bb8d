"""Advice on what the test pictures said."""

from __future__ import annotations

from engine.advice.rule import Facts, Rule, Values, percent
from engine.evaluation.metrics import metric
from engine.specs.evaluation import Severity
from engine.specs.picture_findings import ConfusedPair


class LookAlikeClasses(Rule):
    code, stage, severity = "AM451", "evaluation", "tip"
    title = "Two classes look alike to the model"
    why = (
        "Beyond one picture in seven, and beyond what errors spread evenly over all classes would make of it (two "
        "standard deviations of a count), the two classes share what the model looks at."
    )
    evidence = (
        "{percent:.0f} % of the test pictures of '{first}' and '{other}' are taken for the other class "
        "({rows:,} pictures; evenly spread errors would make {expected:.0f})."
    )
    action = (
        "Look at these pictures: collect more of both classes, or merge them where people cannot tell either."
    )
    percent, fewest, deviations = 15.0, 5, 2.0

    def measure(self, facts: Facts) -> Values | None:
        found, task = facts.pictures, facts.task
        if found is None or task is None or len(task.classes) < 3:
            return None
        alike = [pair for pair in found.confused if self._is_alike(pair)]
        if not alike:
            return None
        pair = max(alike, key=lambda one: one.either)
        return {
            "first": pair.actual,
            "other": pair.answered,
            "percent": 100.0 * pair.either,
            "rows": pair.rows + pair.back,
            "expected": pair.expected,
        }

    def _is_alike(self, pair: ConfusedPair) -> bool:
        both = pair.rows + pair.back
        return (
            both >= self.fewest
            and 100.0 * pair.either > self.percent
            and both > pair.expected + self.deviations * pair.expected**0.5
        )


class DoubtfulLabels(Rule):
    code, stage, severity = "AM452", "evaluation", "tip"
    title = "Some labels are probably wrong"
    why = (
        "Where a good model that never learned from a picture is sure of another class, people agree with the model "
        "about half of the time; wrong test labels make the best model look worse. A model that is often wrong says "
        "nothing here. Source: Northcutt, Athalye and Mueller, Pervasive Label Errors in Test Sets, 2021."
    )
    evidence = (
        "{suspected:,} of {judged:,} pictures ({percent:.1f} %) that the model did not learn from seem to have a wrong "
        "label. First of them: '{given}' that looks like '{other}'."
    )
    action = "Look at them on the labelling page, mend what is wrong, and train again."
    fewest, tip_percent, issue_percent, right_percent = 3, 0.5, 5.0, 70.0

    def measure(self, facts: Facts) -> Values | None:
        found = facts.pictures
        if found is None or not found.suspects or found.suspected < self.fewest:
            return None
        share = percent(found.suspected, found.judged)
        if share < self.tip_percent or _right_percent(facts) < self.right_percent:
            return None
        return {
            "suspected": found.suspected,
            "judged": found.judged,
            "percent": share,
            "given": found.suspects[0].given,
            "other": found.suspects[0].suggested,
        }

    def severity_of(self, values: Values) -> Severity:
        return "issue" if float(values["percent"]) >= self.issue_percent else "tip"


class MeasureTells(Rule):
    code, stage, severity = "AM453", "evaluation", "tip"
    title = "Light or size alone gives the answer away"
    why = (
        "A class photographed by another camera or at another hour can be told without looking at what is in the "
        "picture, and a model takes the easiest way. On CIFAR-10 the most telling number, sharpness, settles 9 % of "
        "what guessing gets wrong. Source: Geirhos et al., Shortcut Learning in Deep Neural Networks, 2020."
    )
    evidence = "On test pictures, {column} alone settles {percent:.0f} % of what guessing gets wrong."
    action = "Make sure that {column} does not differ between classes by how the pictures were taken."
    tip_percent, issue_percent = 50.0, 90.0

    def measure(self, facts: Facts) -> Values | None:
        told = facts.pictures.telling if facts.pictures is not None else ()
        if not told or 100.0 * told[0].skill < self.tip_percent:
            return None
        return {"column": told[0].column, "percent": 100.0 * told[0].skill}

    def severity_of(self, values: Values) -> Severity:
        return "issue" if float(values["percent"]) >= self.issue_percent else "tip"


class LooksAtTheBorder(Rule):
    code, stage, severity = "AM454", "evaluation", "tip"
    title = "The model looks at the edges of the pictures"
    why = (
        "Things are mostly photographed in the middle. A model whose answers hang on the border, far beyond its share "
        "of the picture, reads the background, a frame or a stamp. Source: Ribeiro, Singh and Guestrin, Why Should I "
        "Trust You, 2016 (snow for wolves)."
    )
    evidence = (
        "In {pictures:,} rightly answered test pictures, {percent:.0f} % of what the answer hangs on lies on the "
        "border that makes up {area:.0f} % of a picture."
    )
    action = "Look at where the model looks, and collect pictures of each class before different backgrounds."
    percent, fewest = 75.0, 10

    def measure(self, facts: Facts) -> Values | None:
        gaze = facts.pictures.gaze if facts.pictures is not None else None
        if gaze is None or gaze.pictures < self.fewest or 100.0 * gaze.border_share < self.percent:
            return None
        return {
            "pictures": gaze.pictures,
            "percent": 100.0 * gaze.border_share,
            "area": 100.0 * gaze.border_area,
        }


class Fragile(Rule):
    code, stage, severity = "AM455", "evaluation", "tip"
    title = "Slightly worse pictures are answered much worse"
    why = (
        "Pictures in use are rarely as clean as those collected. Ten points less at a middle strength, which people "
        "hardly mind, is a tenth of all answers; from 30 on the model is of little use there. Source: Hendrycks and "
        "Dietterich, Benchmarking Neural Network Robustness, 2019."
    )
    evidence = (
        "{title}: {clean:figure} on {rows:,} test pictures, {score:figure} where the same ones are {strain}."
    )
    action = "Try stronger augmentation of this kind, or collect pictures that are {strain}."
    tip_points, issue_points, error_percent, fewest = 10.0, 30.0, 25.0, 50

    def measure(self, facts: Facts) -> Values | None:
        found = facts.pictures.robustness if facts.pictures is not None else None
        if found is None or found.rows < self.fewest:
            return None
        decider = metric(found.metric)
        # Of shares, points; of errors, by how much of themselves they grow: 25 % stand for 10 points.
        unit = 100.0 if decider.greater_is_better else 100.0 * self.tip_points / self.error_percent
        whole = 1.0 if decider.greater_is_better else max(abs(found.clean), 1e-12)
        middle = [(one.title, score) for one in found.strains if (score := one.scores[1]) is not None]
        if not middle:
            return None
        strain, score = min(middle, key=lambda pair: decider.gain(pair[1], found.clean))
        points = unit * decider.gain(found.clean, score) / whole
        if points < self.tip_points:
            return None
        return {
            "title": found.title,
            "clean": found.clean,
            "score": score,
            "rows": found.rows,
            "strain": strain,
            "points": points,
        }

    def severity_of(self, values: Values) -> Severity:
        return "issue" if float(values["points"]) >= self.issue_points else "tip"


def _right_percent(facts: Facts) -> float:
    """Return how many test rows are answered rightly; 0 where nobody knows."""
    scores = facts.evaluation.scores if facts.evaluation is not None else ()
    return next((100.0 * score.value for score in scores if score.name == "accuracy"), 0.0)


RULES: tuple[Rule, ...] = (
    LookAlikeClasses(),
    DoubtfulLabels(),
    MeasureTells(),
    LooksAtTheBorder(),
    Fragile(),
)
