"""Decide which question a target column asks: which of two, which of several, or how much."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BadCommand, BadData
from engine.modalities.table.database import open_database
from engine.modalities.table.limits import ImportLimits
from engine.specs.profile import Profile
from engine.specs.schema import Column, Schema, Task
from engine.specs.training import TaskSpec
from engine.sql import parquet, quote_name

MOST_CLASSES = 1_000
#: Fewer labelled rows cannot be divided into three sets and still train and test anything.
LEAST_ROWS = 20
#: Whole numbers with at most this many values are read as classes …
FEW_VALUES = 10
#: … and up to this many when the column is called like a class and the values count up without a gap.
FEW_CLASS_VALUES = 20
DEFAULT_METRIC: dict[Task, str] = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}
_CLASS_NAME = re.compile(
    r"(class|label|target|category|type|kind|grade|quality|rating|stars?|level|status|outcome|species|digit)s?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class _Target:
    """What the target holds.   labels: value as text to rows, at most `MOST_CLASSES` + 1."""

    column: Column
    rows: int
    labelled: int
    distinct: int
    labels: dict[str, int]
    is_number: bool
    is_whole: bool

    @property
    def numbers(self) -> list[float]:
        return [float(label) for label in self.labels]

    @property
    def name(self) -> str:
        return self.column.name


def infer_task(
    schema: Schema, profile: Profile, *, target: str, data: Path, requested: Task | None
) -> TaskSpec:
    """Return the task that the target column asks for, with the reason in words.

    Args:    data: Parquet whose columns are `schema`'s.   requested: the task a person asked for; it wins
             where it can be done.
    Returns: the task, with its usual metric; classes as text just as Parquet holds them, numbers in numeric order.
             Rows without a target are counted in the reason; the split leaves them out.
    Raises:  BadCommand when there is no such column or the requested task does not fit it; BadData when the
             target cannot be learned (missing, constant, an identifier, a class of one row, more than 1,000
             classes, fewer than 20 labelled rows) or no other column can be used.
    """
    _check_name(schema, target)
    found = _read(schema.column(target), data)
    _check_values(found)
    _check_features(schema, profile, target)
    task, reason = _decide(found, requested)
    classes: tuple[str, ...] = ()
    if task != "regression":
        _check_classes(found, requested)
        classes = tuple(sorted(found.labels, key=float) if found.is_number else sorted(found.labels))
    unlabelled = found.rows - found.labelled
    if unlabelled:
        reason += f" {unlabelled:,} of {found.rows:,} rows have no target and are left out."
    return TaskSpec(target=target, task=task, metric=DEFAULT_METRIC[task], classes=classes, reason=reason)


def _check_name(schema: Schema, target: str) -> None:
    if target in schema.by_name:
        return
    by_folded = {name.casefold().strip(): name for name in schema.names}
    near = difflib.get_close_matches(target.casefold().strip(), by_folded, n=1, cutoff=0.5)
    listed = ", ".join(repr(name) for name in schema.names[:20])
    more = f" and {len(schema.names) - 20:,} more" if len(schema.names) > 20 else ""
    raise BadCommand(
        f"There is no column {target!r} to predict. Expected one of: {listed}{more}.",
        remedy=f"Did you mean `--target {by_folded[near[0]]!r}`?"
        if near
        else "Name one of these with `--target`.",
    )


def _read(column: Column, data: Path) -> _Target:
    name = quote_name(column.name)
    is_number = column.physical != "string"
    present = f"isfinite({name}::DOUBLE)" if is_number else f"{name} IS NOT NULL"
    whole = f"coalesce(bool_and({name} = trunc({name})) FILTER (isfinite({name}::DOUBLE)), false)"
    with open_database(ImportLimits()) as connection:
        source = parquet(data)
        rows, labelled, distinct, is_whole = connection.sql(
            f"SELECT count(*), count(*) FILTER ({present}), count(DISTINCT {name}) FILTER ({present}), "
            f"{whole if is_number else 'false'} FROM {source}"
        ).fetchall()[0]
        labels = connection.sql(
            f"SELECT CAST({name} AS VARCHAR) AS label, count(*) FROM {source} WHERE {present} "
            f"GROUP BY label ORDER BY count(*), label LIMIT {MOST_CLASSES + 1}"
        ).fetchall()
    del source
    return _Target(
        column=column,
        rows=rows,
        labelled=labelled,
        distinct=distinct,
        labels=dict(labels),
        is_number=is_number,
        is_whole=bool(is_whole),
    )


def _check_values(found: _Target) -> None:
    if not found.labelled:
        raise BadData(
            f"The target {found.name!r} is missing in every row. Expected: a value to learn from.",
            remedy="Choose another target column.",
        )
    if found.labelled < LEAST_ROWS:
        raise BadData(
            f"There is too little to learn from. Expected: at least {LEAST_ROWS} rows with a value of "
            f"{found.name!r}. Received: {found.labelled:,} of {found.rows:,}.",
            remedy="Add rows to the data.",
        )
    if found.distinct == 1:
        raise BadData(
            f"The target {found.name!r} is constant: every row says {next(iter(found.labels))[:80]!r}. "
            "Expected: at least two different values.",
            remedy="Choose another target column, or add rows with other values.",
        )
    if not found.is_number and found.distinct == found.labelled:
        raise BadData(
            f"The target {found.name!r} holds a different text in each of its {found.labelled:,} rows, as an "
            "identifier does. Expected: classes that come back.",
            remedy="Choose another target column.",
        )


def _check_features(schema: Schema, profile: Profile, target: str) -> None:
    facts = profile.by_name
    unusable = []
    for column in schema.without(target).columns:
        if column.semantic == "image":
            return
        known = facts.get(column.name)
        is_empty = known is not None and (known.distinct == 0 or known.missing >= known.rows)
        # One value beside missing cells still says something: whether it is there.
        is_constant = column.semantic == "constant" or (
            known is not None and known.distinct == 1 and not known.missing
        )
        if not (is_empty or is_constant or column.semantic == "identifier"):
            return
        unusable.append(column.name)
    if not unusable:
        raise BadData(
            f"The data has no column beside the target {target!r}. Expected: at least one to predict from.",
            remedy="Add columns to the data.",
        )
    raise BadData(
        f"No column can predict {target!r}: all others are constant, empty or identifiers "
        f"({', '.join(unusable[:5])}{', …' if len(unusable) > 5 else ''}).",
        remedy="Add a column whose values differ between rows and come back.",
    )


def _decide(found: _Target, requested: Task | None) -> tuple[Task, str]:
    if requested == "regression":
        if not found.is_number:
            raise BadCommand(
                f"Regression needs a number, but the target {found.name!r} holds text such as "
                f"{next(iter(found.labels))[:80]!r}.",
                remedy="Leave `--task` out, or choose a target column of numbers.",
            )
        return (
            "regression",
            f"Regression, as asked: {found.name!r} holds {found.distinct:,} different numbers.",
        )
    task: Task = "binary" if found.distinct == 2 else "multiclass"
    if requested == "binary" and task != "binary":
        raise BadCommand(
            f"A binary task needs exactly two classes. Received: {found.distinct:,} different values "
            f"in the target {found.name!r}.",
            remedy=f"Use `--task {'regression' if _reads_as_amount(found) else 'multiclass'}`.",
        )
    if requested is not None:
        note = " (two classes, so binary)" if requested != task else ""
        return task, f"Classification, as asked{note}: {found.name!r} has {found.distinct:,} classes."
    if _reads_as_amount(found):
        kind = "whole numbers" if found.is_whole else "numbers"
        return "regression", f"Regression: {found.name!r} holds {found.distinct:,} different {kind}."
    reason = f"Classification: {found.name!r} has {found.distinct:,} classes."
    if found.is_number and found.distinct > 2:
        reason += " It holds numbers; to predict an amount instead, use `--task regression`."
    return task, reason


def _reads_as_amount(found: _Target) -> bool:
    """Tell whether the target's values are amounts, rather than names of classes."""
    if not found.is_number:
        return False
    if found.distinct == 2:
        return False
    if not found.is_whole or found.distinct > FEW_CLASS_VALUES:
        return True
    if found.distinct <= FEW_VALUES:
        return False
    counts_up = max(found.numbers) - min(found.numbers) + 1 == found.distinct
    return not (counts_up and _CLASS_NAME.search(found.name))


def _check_classes(found: _Target, requested: Task | None) -> None:
    if found.distinct > MOST_CLASSES:
        raise BadData(
            f"The target {found.name!r} has too many classes. Expected: at most {MOST_CLASSES:,}. "
            f"Received: {found.distinct:,}.",
            remedy=(
                "Use `--task regression`."
                if found.is_number
                else "Choose another target column, or merge rare classes into one."
            ),
        )
    single = [label for label, rows in found.labels.items() if rows == 1]
    if not single:
        return
    named = ", ".join(repr(label[:80]) for label in single[:5]) + (", …" if len(single) > 5 else "")
    can_regress = found.is_number and requested is None
    raise BadData(
        f"{'A class has' if len(single) == 1 else f'{len(single):,} classes have'} a single row "
        f"in the target {found.name!r}: {named}. Expected: two or more rows of each class.",
        remedy="Remove these rows, merge the class into another, or add rows"
        + (", or use `--task regression`." if can_regress else "."),
    )
