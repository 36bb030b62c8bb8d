"""Guess which column of a table people will want to predict, from its schema and profile alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.modalities.table.task import FEW_CLASS_VALUES, FEW_VALUES, LEAST_ROWS, MOST_CLASSES
from engine.specs.profile import ColumnProfile, Profile
from engine.specs.schema import Column, Schema, Task
from engine.words import words

#: Words that name an outcome, as whole words of a column's name.
_OUTCOME = re.compile(
    r"(?:^|[^a-z])(target|label|class|outcome|result|y|churn(?:ed)?|exited|survived|default(?:ed)?|fraud|approved|"
    r"price|cost|income|salary|sales|revenue|demand|value|score|rating|grade|quality|diagnosis|species|"
    r"status|response|converted|clicked|bought|subscribed?|deposit)(?:$|[^a-z])"
)
_OUTCOME_CHINESE = re.compile(
    "目标|标签|类别|分类|结果|流失|违约|欺诈|价格|售价|房价|收入|工资|销量|销售额|评分|等级|质量|诊断"
)
_CLASS_NAME = re.compile(r"(class|label|target|category|type|kind|grade|quality|rating|level|status|outcome)")
_MOST_MISSING = 0.3


@dataclass(frozen=True, kw_only=True)
class TargetIdea:
    """A column worth predicting.   task: the question it would ask.   why: one sentence for a person."""

    column: str
    task: Task
    why: str


def rank_targets(schema: Schema, profile: Profile, *, most: int = 5) -> tuple[TargetIdea, ...]:
    """Return the likeliest targets, the best first; none when no column could be learned.

    Columns called like an outcome come first, then the last column, as tables are mostly written; a column that has
    many classes, is often missing or comes early is less likely.
    """
    ranked = []
    last = len(schema.columns) - 1
    for position, column in enumerate(schema.columns):
        facts = profile.by_name.get(column.name)
        task = task_of(column, facts) if facts is not None else None
        if facts is None or task is None:
            continue
        is_named, is_last = _is_outcome(column.name), position == last
        rank = 4.0 * is_named + 2.5 * is_last + (position / max(last, 1)) - facts.missing / max(facts.rows, 1)
        rank += (
            1.0 if task == "binary" else 0.5 if task == "multiclass" and facts.distinct <= FEW_VALUES else 0.0
        )
        ranked.append(
            (
                rank,
                -position,
                TargetIdea(column=column.name, task=task, why=_why(facts, task, is_named, is_last)),
            )
        )
    return tuple(idea for _, _, idea in sorted(ranked, key=lambda item: item[:2], reverse=True)[:most])


def task_of(column: Column, facts: ColumnProfile) -> Task | None:
    """Return the question that a column would ask as a target, None when it cannot be one.

    What `engine.modalities.table.task` decides by the values themselves is told here from the profile.
    """
    present = facts.rows - facts.missing
    is_name = column.semantic in ("identifier", "constant", "text", "datetime")
    if is_name or present < LEAST_ROWS or facts.distinct < 2 or facts.missing > _MOST_MISSING * facts.rows:
        return None
    if facts.distinct == 2:
        return "binary"
    if column.physical == "string":
        return "multiclass" if facts.distinct <= min(MOST_CLASSES, present // 2) else None
    if column.physical == "double" or facts.distinct > FEW_CLASS_VALUES:
        return "regression"
    if facts.distinct <= FEW_VALUES:
        return "multiclass"
    counts_up = (facts.maximum or 0) - (facts.minimum or 0) + 1 == facts.distinct
    return "multiclass" if counts_up and _CLASS_NAME.search(column.name.lower()) else "regression"


def _is_outcome(name: str) -> bool:
    return bool(_OUTCOME.search(name.lower()) or _OUTCOME_CHINESE.search(name))


def _why(facts: ColumnProfile, task: Task, is_named: bool, is_last: bool) -> str:
    if is_named:
        return words("Its name sounds like an outcome.")
    if is_last:
        return words("It is the last column, where outcomes often stand.")
    if task == "regression":
        return words("It holds {n:,} different numbers.", n=facts.distinct)
    return words("It has {n:,} classes.", n=facts.distinct)
