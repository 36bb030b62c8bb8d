"""Advice on the table as it was imported."""

from __future__ import annotations

from engine.advice.rule import Facts, Rule, Values, percent
from engine.specs.evaluation import Severity
from engine.specs.wording import named


class RejectedRows(Rule):
    code, stage, severity = "AM101", "data", "tip"
    title = "Some rows could not be read"
    why = (
        "A row that is refused may be the interesting one. One row in a hundred is a typical rate of "
        "typing errors; more points to a wrong delimiter, quote or export."
    )
    evidence = "{rejected:,} of {rows:,} rows ({percent:.2f} %) could not be read and were left out."
    action = "Look at the rejects file beside the imported data, mend the source and import it again."
    issue_percent = 1.0

    def measure(self, facts: Facts) -> Values | None:
        found = facts.imported
        if found is None or not found.rows_rejected:
            return None
        share = percent(found.rows_rejected, found.rows_read)
        return {"rejected": found.rows_rejected, "rows": found.rows_read, "percent": share}

    def severity_of(self, values: Values) -> Severity:
        return "issue" if float(values["percent"]) >= self.issue_percent else "tip"


class UnlabelledRows(Rule):
    code, stage, severity = "AM102", "data", "tip"
    title = "Some rows have no answer to learn from"
    why = (
        "Rows without a target cannot be learned from or tested on. If the target is missing for a "
        "reason, the rest is not a fair sample; above a fifth of the rows that is likely enough to be "
        "looked at first."
    )
    evidence = "'{target}' is missing in {missing:,} of {rows:,} rows ({percent:.1f} %); they were left out."
    action = "Find out why '{target}' is missing there, and fill it in the source where it is known."
    tip_percent, issue_percent = 0.1, 20.0

    def measure(self, facts: Facts) -> Values | None:
        target = facts.target_profile
        if target is None or percent(target.missing, target.rows) < self.tip_percent:
            return None
        share = percent(target.missing, target.rows)
        return {"target": target.name, "missing": target.missing, "rows": target.rows, "percent": share}

    def severity_of(self, values: Values) -> Severity:
        return "issue" if float(values["percent"]) >= self.issue_percent else "tip"


class MostlyMissing(Rule):
    code, stage, severity = "AM103", "data", "tip"
    title = "Columns that are mostly empty"
    why = "Above one half, a model learns more from where the column is empty than from what it says."
    evidence = (
        "In use, but missing in at least half of the rows: {columns}. "
        "The emptiest, '{worst}', is missing in {percent:.1f} %."
    )
    action = "Find out what an empty '{worst}' means, and leave the column out if it means nothing."
    option = "--drop '{worst}'"
    percent = 50.0

    def measure(self, facts: Facts) -> Values | None:
        if facts.profile is None:
            return None
        shares = {
            c.name: percent(c.missing, c.rows) for c in facts.profile.columns if c.name in facts.used_columns
        }
        empty = sorted((name for name in shares if shares[name] >= self.percent), key=lambda n: -shares[n])
        if not empty:
            return None
        return {"count": len(empty), "columns": named(empty), "worst": empty[0], "percent": shares[empty[0]]}


class DuplicateRows(Rule):
    code, stage, severity = "AM104", "data", "tip"
    title = "Rows that repeat"
    why = (
        "Repeated rows count several times in every figure. The split keeps them in one set, so they do not "
        "flatter the test; below one in a hundred they hardly weigh."
    )
    evidence = "{duplicates:,} of {rows:,} rows ({percent:.1f} %) repeat an earlier row in every column."
    action = "Remove the repeats in the source if each row should be a different case."
    percent = 1.0

    def measure(self, facts: Facts) -> Values | None:
        found = facts.profile
        if found is None or percent(found.duplicate_rows, found.rows) < self.percent:
            return None
        share = percent(found.duplicate_rows, found.rows)
        return {"duplicates": found.duplicate_rows, "rows": found.rows, "percent": share}


class IdentifierColumns(Rule):
    code, stage, severity = "AM105", "data", "tip"
    title = "Columns that only name the row"
    why = "A number or name that is new in each row can be memorised but says nothing about a new row."
    evidence = "Not used, because they only name the row: {columns}."
    action = "Keep '{first}' if it carries meaning, such as a code made of parts."
    option = "--keep '{first}'"

    def measure(self, facts: Facts) -> Values | None:
        if facts.schema is None or facts.schema.image is not None:
            return None
        found = [
            c.name
            for c in facts.schema.columns
            if c.semantic == "identifier" and c.name not in facts.used_columns
        ]
        return (
            {"count": len(found), "columns": named(found), "first": found[0]}
            if facts.plan is not None and found
            else None
        )


class ClassImbalance(Rule):
    code, stage, severity = "AM106", "data", "tip"
    title = "One class is far more frequent than another"
    why = (
        "At 9 to 1, always answering the frequent class is right in 90 % of the rows, so accuracy says "
        "little; at 99 to 1 most models never answer the rare class. Source: He and Garcia, Learning "
        "from Imbalanced Data, 2009."
    )
    evidence = "'{frequent}' has {frequent_rows:,} rows and '{rare}' has {rare_rows:,}: {ratio:.0f} to 1."
    action = "Judge the model by balanced accuracy: let it decide."
    option = "--metric balanced_accuracy"
    tip_ratio, issue_ratio = 9.0, 99.0

    def measure(self, facts: Facts) -> Values | None:
        rows = {label: count for label, count in facts.class_rows.items() if count}
        if len(rows) < 2:
            return None
        rare, frequent = min(rows, key=rows.__getitem__), max(rows, key=rows.__getitem__)
        ratio = rows[frequent] / rows[rare]
        if ratio < self.tip_ratio:
            return None
        return {
            "rare": rare,
            "rare_rows": rows[rare],
            "frequent": frequent,
            "frequent_rows": rows[frequent],
            "ratio": ratio,
        }

    def severity_of(self, values: Values) -> Severity:
        return "issue" if float(values["ratio"]) >= self.issue_ratio else "tip"


class RareClass(Rule):
    code, stage, severity = "AM107", "data", "issue"
    title = "Too few rows of a class"
    why = (
        "Of 30 rows the default split leaves 6 for the test: one more row right moves its recall by 17 "
        "points."
    )
    evidence = "Fewer than {least:,} rows: {classes}. The rarest, '{rarest}', has {rows:,}."
    action = "Collect more rows of '{rarest}', or merge it with another class in the source."
    least = 30

    def measure(self, facts: Facts) -> Values | None:
        rows = {} if facts.reads_pictures else facts.class_rows  # of pictures AM151 speaks
        rare = sorted((label for label in rows if rows[label] < self.least), key=lambda label: rows[label])
        if not rare:
            return None
        return {
            "count": len(rare),
            "least": self.least,
            "classes": named(rare),
            "rarest": rare[0],
            "rows": rows[rare[0]],
        }


class CappedTarget(Rule):
    code, stage, severity = "AM108", "data", "tip"
    title = "The target seems to be cut off at its maximum"
    why = (
        "One row in a hundred at exactly the largest of many values is a limit of the measurement, such "
        "as a price written as '500,001 and more'. A model learns the limit, not the value behind it."
    )
    evidence = "At least {percent:.0f} % of the rows have exactly the largest '{target}', {maximum:figure}."
    action = (
        "Say beside each answer near {maximum:figure} that it may be more, or leave those rows out of "
        "the source."
    )
    percent = 1.0
    least_distinct = 100

    def measure(self, facts: Facts) -> Values | None:
        target = facts.target_profile
        if target is None or target.maximum is None or facts.task is None or facts.task.classes:
            return None
        shared = [
            float(q) for q, value in target.quantiles.items() if value >= target.maximum and float(q) < 1.0
        ]
        share = 100.0 * (1.0 - min(shared, default=1.0))
        if round(share, 6) < self.percent or target.distinct < self.least_distinct:
            return None
        return {"target": target.name, "maximum": target.maximum, "percent": share}


RULES: tuple[Rule, ...] = (
    RejectedRows(),
    UnlabelledRows(),
    MostlyMissing(),
    DuplicateRows(),
    IdentifierColumns(),
    ClassImbalance(),
    RareClass(),
    CappedTarget(),
)
