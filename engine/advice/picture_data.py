"""Advice on sets of pictures as they were imported."""

from __future__ import annotations

from engine.advice.rule import Facts, Rule, Values
from engine.specs.evaluation import Severity
from engine.specs.wording import named


class FewPictures(Rule):
    code, stage, severity = "AM151", "data", "tip"
    title = "Few pictures of a class"
    why = (
        "A network learns a class from its variety. Of 50 pictures the default split leaves 32 to learn from and 10 "
        "to test on; of 20 it leaves 13 and 4, so that one picture moves the class's recall by 25 points."
    )
    evidence = "Fewer than {least:,} pictures: {classes}. '{rarest}' has {rows:,}."
    action = "Collect more pictures of '{rarest}', or merge it with another class on the labelling page."
    tip_below, issue_below = 50, 20

    def measure(self, facts: Facts) -> Values | None:
        rows = facts.class_rows if facts.reads_pictures else {}
        few = sorted((label for label in rows if rows[label] < self.tip_below), key=lambda label: rows[label])
        if not few:
            return None
        return {
            "count": len(few),
            "least": self.tip_below,
            "classes": named(few),
            "rarest": few[0],
            "rows": rows[few[0]],
        }

    def severity_of(self, values: Values) -> Severity:
        return "issue" if float(values["rows"]) < self.issue_below else "tip"


class TinyPictures(Rule):
    code, stage, severity = "AM152", "data", "tip"
    title = "Many pictures are much smaller than what the model sees"
    why = (
        "A picture stretched to twice its width or more shows nothing new: each pixel it had fills four. Such "
        "pictures cost time without telling more, and look blurred beside large ones."
    )
    evidence = (
        "A quarter of the pictures have at most {size:,.0f} pixels of {column}; "
        "the model sees {side:,} × {side:,}."
    )
    action = "Use the original pictures where there are larger ones, or let the model see fewer pixels."
    stretched = 2.0

    def measure(self, facts: Facts) -> Values | None:
        side = facts.plan.picture_side if facts.plan is not None else None
        sizes = {name: quantiles["0.25"] for name, quantiles in _sizes(facts).items() if "0.25" in quantiles}
        if side is None or not sizes:
            return None
        column = min(sizes, key=lambda name: sizes[name])
        if sizes[column] * self.stretched > side:
            return None
        return {"column": column, "size": sizes[column], "side": side}


class UnequalSizes(Rule):
    code, stage, severity = "AM153", "data", "tip"
    title = "Pictures are of very unequal sizes"
    why = (
        "When some pictures have ten times the width of others, things in them are seen at very different scales, "
        "and the two kinds often come from different sources: a class of one source is then told by its size."
    )
    evidence = (
        "One picture in a hundred has at most {low:,.0f} pixels of {column}, another one at least {high:,.0f}: "
        "{ratio:.0f} to 1."
    )
    action = "Look at the smallest and the largest pictures, and leave out those that do not belong."
    ratio = 10.0

    def measure(self, facts: Facts) -> Values | None:
        ends = {
            name: (quantiles["0.01"], quantiles["0.99"])
            for name, quantiles in _sizes(facts).items()
            if quantiles.get("0.01", 0.0) > 0.0 and "0.99" in quantiles
        }
        if not ends:
            return None
        column = max(ends, key=lambda name: ends[name][1] / ends[name][0])
        low, high = ends[column]
        if high < self.ratio * low:
            return None
        return {"column": column, "low": low, "high": high, "ratio": high / low}


class ContradictoryLookAlikes(Rule):
    code, stage, severity = "AM154", "data", "issue"
    title = "Pictures that look alike have different labels"
    why = (
        "Of two copies of one picture with different labels, one is wrong, or the picture shows both things. A model "
        "can learn neither, and whatever it answers counts as an error. Source: Northcutt, Athalye and Mueller, "
        "Pervasive Label Errors in Test Sets, 2021."
    )
    evidence = "{groups:,} groups of pictures that look alike have different labels, such as {classes}."
    action = "Look at them on the labelling page, and give the pictures of each group one label."

    def measure(self, facts: Facts) -> Values | None:
        found = facts.pictures
        if found is None or not found.contradictions:
            return None
        labels = dict.fromkeys(label for _, _, label, _ in found.contradictions[0].pictures)
        return {"groups": found.contradicted, "classes": named(labels)}


def _sizes(facts: Facts) -> dict[str, dict[str, float]]:
    """Return the quantiles of width and height, where pictures were measured."""
    if facts.profile is None or facts.schema is None:
        return {}
    measured = {c.name for c in facts.schema.columns if c.measured_from}
    return {
        name: dict(facts.profile.by_name[name].quantiles)
        for name in ("width", "height")
        if name in measured and name in facts.profile.by_name
    }


RULES: tuple[Rule, ...] = (FewPictures(), TinyPictures(), UnequalSizes(), ContradictoryLookAlikes())
