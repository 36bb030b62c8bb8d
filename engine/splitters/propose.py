"""Propose how to divide a table, with the reason in words."""

from __future__ import annotations

import re

from engine.specs.pictures import LOOK_ALIKES
from engine.specs.profile import ColumnProfile, Profile
from engine.specs.schema import Column, Schema
from engine.specs.set_names import names_sets
from engine.specs.split import SplitSpec
from engine.specs.training import TaskSpec

#: A score on 200,000 rows is known to ±0.2 points (95 %, an accuracy near 0.7): more rows had better train.
MOST_TEST_ROWS = 200_000
MOST_VALID_ROWS = 100_000
TEST_SHARE, VALID_SHARE = 0.2, 0.16
#: Below this many rows the default validation share is fewer than 160 rows, too few to choose a model by.
SMALL_ROWS, SMALL_VALID_SHARE = 1_000, 0.2
#: Share of distinct moments from which each row counts as its own time step.
OWN_STEP_SHARE = 0.98
#: People and things that come back in several rows, written as an explicit key.
_GROUP_NAME = re.compile(
    r"(patient|subject|person|customer|client|user|member|student|household|participant|donor|device|machine|vehicle)"
    r"[ _-]?(id|no|nr|number|code|key|uuid)",
    re.IGNORECASE,
)


def propose_split(schema: Schema, profile: Profile, task: TaskSpec, *, seed: int) -> SplitSpec:
    """Return the split that fits the table: as given, by time or by group on strong evidence only, else by lot.

    Given: the values of a column name sets, training and test at least.
    Time: a date column is in order, without a gap, and nearly every row has a moment of its own.
    Group: the import found groups of pictures that look alike, or a column is named as the key of a person or thing
    and its values come back twice on average.
    """
    rows = max(1, profile.rows)
    valid = SMALL_VALID_SHARE if rows < SMALL_ROWS else min(VALID_SHARE, MOST_VALID_ROWS / rows)
    test = min(TEST_SHARE, MOST_TEST_ROWS / rows)
    name, column, reason = _choose(schema, profile, task)
    return SplitSpec(
        splitter=name,
        column=column,
        valid_share=round(valid, 6),
        test_share=round(test, 6),
        seed=seed,
        reason=reason + _about_shares(rows),
    )


def _choose(schema: Schema, profile: Profile, task: TaskSpec) -> tuple[str, str | None, str]:
    facts = profile.by_name
    others = [c for c in schema.columns if c.name != task.target and c.name in facts]
    for column in others:
        if column.physical == "string" and names_sets(facts[column.name]):
            reason = (
                f"{column.name!r} says of each row whether it is for training or for the test: its sets stay."
            )
            return "given", column.name, reason
    dates = [c for c in others if c.semantic == "datetime"]
    for column in dates:
        if _is_own_step(facts[column.name]):
            reason = f"Rows are in order of {column.name!r} and each has its own time: the newest rows test."
            return "time", column.name, reason
    for column in others:
        if column.measured_from is not None and column.name == LOOK_ALIKES and facts[column.name].distinct:
            reason = (
                f"Some pictures look alike ({facts[column.name].distinct:,} groups in {column.name!r}): all pictures "
                "of a group stay in one set, so that no test picture was nearly seen in training."
            )
            return "grouped", column.name, reason
    for column in others:
        if _names_groups(column, facts[column.name]):
            reason = (
                f"{column.name!r} comes back in several rows ({facts[column.name].distinct:,} values in "
                f"{profile.rows:,} rows): all rows of one value stay in one set."
            )
            return "grouped", column.name, reason
    if task.classes:
        reason = "Rows are drawn by lot within each class, so every set has the same mix of classes."
    else:
        reason = (
            "Rows are drawn by lot within each tenth of the target, so every set has low and high values."
        )
    if dates:
        reason += (
            f" To test on the newest rows instead, use the split 'time' with the column {dates[0].name!r}: "
            "right when the model will be asked about a later time than it has seen."
        )
    return "stratified", None, reason


def _is_own_step(facts: ColumnProfile) -> bool:
    return facts.is_sorted and not facts.missing and facts.distinct >= OWN_STEP_SHARE * facts.rows


def _names_groups(column: Column, facts: ColumnProfile) -> bool:
    if column.semantic == "constant" or _GROUP_NAME.fullmatch(column.name) is None:
        return False
    present = facts.rows - facts.missing
    return facts.distinct >= 10 and present >= 0.95 * facts.rows and 2 * facts.distinct <= present


def _about_shares(rows: int) -> str:
    if rows < SMALL_ROWS:
        return " With fewer than 1,000 rows validation gets 20 %, since a model cannot be chosen on fewer."
    if rows * TEST_SHARE > MOST_TEST_ROWS:
        return (
            " With so many rows, 200,000 test rows and 100,000 validation rows are enough: the rest trains."
        )
    return ""
