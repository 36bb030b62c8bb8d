"""Advice on how the rows were divided, and on columns that know the answer."""

from __future__ import annotations

from engine.advice.rule import Facts, Rule, Values, percent
from engine.specs.evaluation import Severity
from engine.specs.split import Leak
from engine.specs.wording import named
from engine.splitters import splitter


class FewTestRows(Rule):
    code, stage, severity = "AM201", "split", "tip"
    title = "Few rows to test on"
    why = (
        "A share seen in n rows is known to about ±1/√n with 95 % certainty (binomial, worst case): ±5 "
        "points in 400 rows, ±10 points in 100."
    )
    evidence = (
        "The test has {rows:,} rows: a share measured on them is only known to about ±{points:.0f} points."
    )
    action = "Give the test more rows, or collect more data."
    option = "--test-share"
    tip_below, issue_below = 400, 100

    def measure(self, facts: Facts) -> Values | None:
        rows = facts.divided.rows.get("test", 0) if facts.divided is not None else self.tip_below
        if rows >= self.tip_below:
            return None
        return {"rows": rows, "points": 100.0 / max(rows, 1) ** 0.5}

    def severity_of(self, values: Values) -> Severity:
        return "issue" if float(values["rows"]) < self.issue_below else "tip"


class FewTestRowsOfAClass(Rule):
    code, stage, severity = "AM202", "split", "tip"
    title = "Few test rows of a class"
    why = "With fewer than 10 rows, each one moves the class's recall by more than 10 points."
    evidence = "Fewer than {least:,} test rows: {classes}. '{rarest}' has {rows:,}."
    action = "Do not trust the figures of '{rarest}' alone; give the test more rows."
    option = "--test-share"
    least = 10

    def measure(self, facts: Facts) -> Values | None:
        if facts.divided is None or facts.task is None:
            return None
        rows = facts.divided.classes.get("test", {})
        few = sorted(
            (label for label in facts.task.classes if rows.get(label, 0) < self.least),
            key=lambda label: rows.get(label, 0),
        )
        if not few or not rows:
            return None
        return {
            "count": len(few),
            "least": self.least,
            "classes": named(few),
            "rarest": few[0],
            "rows": rows.get(few[0], 0),
        }


class DatesButNoTimeSplit(Rule):
    code, stage, severity = "AM203", "split", "tip"
    title = "Rows have dates, but were not divided by time"
    why = (
        "A model that is asked about later rows meets a world it was not tested on when past and future were "
        "shuffled. Source: Hyndman and Athanasopoulos, Forecasting, 3rd ed., section 5.10."
    )
    evidence = "'{column}' holds dates, and test rows were drawn from all of its time (split: {splitter})."
    action = "If the model will be asked about later rows, divide by time, with '{column}'."
    option = "--split time --split-column '{column}'"

    def measure(self, facts: Facts) -> Values | None:
        if facts.schema is None or facts.split is None or facts.split.splitter == "time":
            return None
        if splitter(facts.split.splitter).given:
            return None
        target = facts.task.target if facts.task else ""
        dates = [c.name for c in facts.schema.columns if c.semantic == "datetime" and c.name != target]
        return {"column": dates[0], "splitter": splitter(facts.split.splitter).title} if dates else None


def _answering(facts: Facts, *, used: bool) -> list[Leak]:
    """Leaks that hold the answer, strongest first; names of rows are AM105's, measures of pictures AM453's."""
    measured = (
        {c.name for c in facts.schema.columns if c.measured_from} if facts.schema is not None else set()
    )
    found = [
        leak
        for leak in facts.leaks
        if leak.kind not in ("identifier", "set")
        and leak.column not in measured
        and (leak.column in facts.used_columns) == used
    ]
    return sorted(found, key=lambda leak: -leak.score)


class LeakInUse(Rule):
    code, stage, severity = "AM204", "split", "issue"
    title = "A column in use seems to know the answer"
    why = (
        "A column written after the outcome makes the test look perfect and the model useless. Source: "
        "Kaufman et al., Leakage in Data Mining, 2012."
    )
    evidence = "{message} Such columns in use: {columns}."
    action = "Leave '{column}' out, unless it is known before the answer is."
    option = "--drop '{column}'"

    def measure(self, facts: Facts) -> Values | None:
        found = _answering(facts, used=True)
        if not found or facts.plan is None:
            return None
        columns = named(leak.column for leak in found)
        return {
            "column": found[0].column,
            "message": found[0].message,
            "count": len(found),
            "columns": columns,
        }


class LeakLeftOut(Rule):
    code, stage, severity = "AM205", "split", "tip"
    title = "Columns that seem to know the answer were left out"
    why = "Left out, a leak costs nothing if it is one; only the owner of the data knows if it is not."
    evidence = "{message} Left out for this reason: {columns}."
    action = "Keep '{column}' if it is known before the answer is."
    option = "--keep '{column}'"

    def measure(self, facts: Facts) -> Values | None:
        found = _answering(facts, used=False)
        if not found or facts.plan is None:
            return None
        columns = named(leak.column for leak in found)
        return {"column": found[0].column, "message": found[0].message, "columns": columns}


class TestRowsSeenInTraining(Rule):
    code, stage, severity = "AM206", "split", "tip"
    title = "Other sets hold the same rows as the test"
    why = (
        "What was seen in training is told from memory, so the test promises too much. Source: Barz and Denzler, "
        "Do We Train on Test Data?, 2020: 3.3 % of CIFAR-10's test pictures are doubles of training pictures."
    )
    evidence = (
        "{rows:,} of {total:,} test rows ({percent:.1f} %) are in another set too, or look like a picture there; "
        "the sets were left as '{column}' names them."
    )
    action = "Remove these rows from the test, or let the rows be divided by lot."
    option = "--split stratified"
    issue_from = 5.0

    def measure(self, facts: Facts) -> Values | None:
        if facts.split is None or facts.divided is None:
            return None
        rows, total = facts.divided.crossing.get("test", 0), facts.divided.rows.get("test", 0)
        if not rows:
            return None
        return {
            "rows": rows,
            "total": total,
            "percent": percent(rows, total),
            "column": facts.split.column or "",
        }

    def severity_of(self, values: Values) -> Severity:
        return "issue" if float(values["percent"]) >= self.issue_from else "tip"


RULES: tuple[Rule, ...] = (
    FewTestRows(),
    FewTestRowsOfAClass(),
    DatesButNoTimeSplit(),
    LeakInUse(),
    LeakLeftOut(),
    TestRowsSeenInTraining(),
)
