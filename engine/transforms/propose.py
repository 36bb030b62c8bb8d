"""Propose a feature plan from schema and profile: a reason for every column, features for every view."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from engine.specs.features import TABLE_VIEWS, ColumnChoice, Feature, FeaturePlan, Step, ViewName
from engine.specs.profile import ColumnProfile, Profile
from engine.specs.schema import Column, Schema
from engine.specs.training import TaskSpec
from engine.transforms.canonical import domain
from engine.transforms.resize import side_for

#: Whole numbers with at most this many values are also treated as categories (months, hours, ratings).
FEW_NUMBERS = 32
#: A category with more values gets target means beside its index.
FEW_CATEGORIES = 10
#: A value that stands in fewer rows tells more by where it lies among the others.
ROWS_PER_VALUE = 40
#: Whole numbers are read as categories too while they have so many values in all; where they have more, only those
#: with few are: tens of columns such as the pixels of a picture would drown the numbers in columns of 0 and 1.
MOST_VALUES = 300
#: Columns of their own for the most frequent categories in the linear view.
ONE_HOT = 30
#: Above this share of distinct values a category names rows instead of grouping them.
NAMES_ROWS = 0.9
#: A category is read as codes where so many of its frequent values hold a digit, and so many begin with something else.
_CODES, _PREFIXED = 0.8, 0.1
#: Characters before the first digit of a code; longer ones are words, such as "more than 5 years".
_LONGEST_PREFIX = 8
_DIGIT = re.compile("[0-9]")

#: Of pictures whose sizes are not known.
DEFAULT_SIDE = 64

Views = Mapping[ViewName, tuple[Feature, ...]]


@dataclass(frozen=True)
class Proposal:
    """What one column becomes; no views when it is not used."""

    reason: str
    views: Views = field(default_factory=dict)


def propose_plan(schema: Schema, profile: Profile, task: TaskSpec, keep: Collection[str] = ()) -> FeaturePlan:
    """Return an unfitted plan for the columns of `schema`, which may still hold the target (it is left out).

    keep: columns that a person wants used although they seem to name rows.
    Every column gets a choice with a reason; the views are "tree" (numbers as they are), "linear" (scaled,
    one-hot) and "deep" (scaled, an index for embeddings); where there is an image column, "pixels" too.
    """
    choices: list[ColumnChoice] = []
    views: dict[str, list[Feature]] = {view: [] for view in TABLE_VIEWS}
    used = [column for column in schema.columns if column.name != task.target]
    also_categories = _also_categories(used, profile)
    for column in used:
        if column.semantic == "image":
            proposal = _propose_picture(column, schema, profile)
        elif column.measured_from is not None and column.name not in keep:
            proposal = Proposal(
                f"Dropped: measured from {column.measured_from!r}, which the model itself sees."
            )
        else:
            proposal = _propose(
                column,
                profile.by_name[column.name],
                is_kept=column.name in keep,
                is_category_too=column.name in also_categories,
            )
        choices.append(ColumnChoice(column=column.name, use=bool(proposal.views), reason=proposal.reason))
        for view, features in proposal.views.items():
            views.setdefault(view, []).extend(features)
    return FeaturePlan(
        columns=tuple(choices), views={view: tuple(features) for view, features in views.items()}
    )


def _also_categories(columns: Iterable[Column], profile: Profile) -> set[str]:
    """Return the columns of whole numbers whose values are read as categories too."""
    found = [profile.by_name[column.name] for column in columns if domain(column) == "number"]
    few = sorted((facts for facts in found if _is_few_whole(facts)), key=lambda facts: facts.distinct)
    if sum(facts.distinct for facts in few) > MOST_VALUES:
        few = [facts for facts in few if facts.distinct <= FEW_CATEGORIES]
    total = accumulate(facts.distinct for facts in few)
    return {facts.name for facts, values in zip(few, total, strict=True) if values <= MOST_VALUES}


def _propose(column: Column, facts: ColumnProfile, *, is_kept: bool, is_category_too: bool) -> Proposal:
    present = facts.rows - facts.missing
    if present == 0:
        return Proposal("Dropped: every value is missing.")
    if column.semantic == "constant" or (facts.distinct <= 1 and facts.missing == 0):
        return Proposal("Dropped: it holds one value only, so it cannot tell rows apart.")
    if column.semantic == "identifier" and not is_kept:
        return Proposal("Dropped: it names rows (an identifier), which does not help on new rows.")
    if domain(column) == "number":
        return _propose_number(column, facts, is_category_too=is_category_too)
    if column.semantic == "datetime" and column.datetime_format:
        return _propose_datetime(column, facts)
    if column.number_text is not None and column.number_text.share >= 0.9:
        return _propose_number_text(column, facts)
    if column.semantic == "text":
        return _propose_text(column)
    return _propose_category(column, facts, present, is_kept=is_kept)


def _propose_picture(column: Column, schema: Schema, profile: Profile) -> Proposal:
    sizes = [
        facts.quantiles.get("0.5", 0.0)
        for other in schema.columns
        if other.measured_from == column.name and other.name in ("width", "height")
        if (facts := profile.by_name.get(other.name)) is not None
    ]
    longest = max(sizes, default=0.0)
    side = side_for(longest) if longest else DEFAULT_SIDE
    reason = f"A picture: models see it as {side} × {side} pixels."
    if longest > side:
        reason += f" Half of the pictures are larger than {longest:,.0f} pixels; a larger side takes longer to learn."
    return Proposal(reason, {"pixels": (_feature(column, "", _step("resize", side=side)),)})


def _propose_number(column: Column, facts: ColumnProfile, *, is_category_too: bool) -> Proposal:
    scaled, notes = _scaling(facts)
    linear = [_feature(column, "", *scaled)]
    if facts.missing:
        linear.append(_feature(column, ".missing", _step("missing_flag")))
        notes.append("A flag says where it is missing.")
    deep = list(linear)
    if is_category_too:
        whole = _step("whole_as_text")
        linear.append(_feature(column, ".value", whole, _step("one_hot", top=FEW_NUMBERS)))
        deep.append(_feature(column, ".value", whole, _step("index", max_keys=FEW_NUMBERS)))
        notes.append(f"Its {facts.distinct} whole values are also read as categories.")
    return Proposal(
        " ".join(["A number: as it is for trees; scaled for linear and deep models.", *notes]),
        {"tree": (_feature(column, ""),), "linear": tuple(linear), "deep": tuple(deep)},
    )


def _propose_number_text(column: Column, facts: ColumnProfile) -> Proposal:
    unit = column.number_text.unit if column.number_text else ""
    # The import counts "$1,200" among the texts that hold a number.
    first = _step("number_from_text", decimal=column.decimal, thousands="," if column.decimal == "." else ".")
    linear = [_feature(column, "", first, *_scaled(is_skewed=False, has_outliers=True))]
    if facts.missing:
        linear.append(_feature(column, ".missing", first, _step("missing_flag")))
    return Proposal(
        f"Text that holds a number{f' (unit {unit})' if unit else ''}: the number is read out of it.",
        {"tree": (_feature(column, "", first),), "linear": tuple(linear), "deep": tuple(linear)},
    )


def _propose_datetime(column: Column, facts: ColumnProfile) -> Proposal:
    parse = _step("parse_date", format=column.datetime_format)
    plain = (
        _feature(column, "", parse, _step("date_parts")),
        _feature(column, ".elapsed", parse, _step("elapsed")),
    )
    scaled = [
        _feature(column, "", parse, _step("date_parts", cyclic=True)),
        _feature(column, ".elapsed", parse, _step("elapsed"), _step("impute"), _step("standardise")),
    ]
    if facts.missing:
        scaled.append(_feature(column, ".missing", parse, _step("missing_flag")))
    return Proposal(
        f"A date ({column.datetime_format}): its parts (year, month, weekday …) and days since the first.",
        {"tree": plain, "linear": tuple(scaled), "deep": tuple(scaled)},
    )


def _propose_text(column: Column) -> Proposal:
    features = (
        _feature(column, "", _step("text_counts")),
        _feature(column, ".shape", _step("text_shape")),
    )
    return Proposal(
        "Free text: counts of its most telling words, and its length.", dict.fromkeys(TABLE_VIEWS, features)
    )


def _propose_category(column: Column, facts: ColumnProfile, present: int, *, is_kept: bool) -> Proposal:
    names_rows = facts.distinct > max(50, NAMES_ROWS * present)
    if names_rows and (facts.mean_words or 0.0) >= 2:
        text = _propose_text(column)
        return Proposal(f"Nearly every row has its own value ({facts.distinct:,}): read as text.", text.views)
    if names_rows and not is_kept:
        return Proposal(
            f"Dropped: nearly every row has its own value ({facts.distinct:,} in {present:,} rows)."
        )
    scaled = _step("target_encode", standardise=True)
    if facts.distinct <= FEW_CATEGORIES:
        tree: tuple[Feature, ...] = (_feature(column, "", _step("index", order="target")),)
        linear: tuple[Feature, ...] = (_feature(column, "", _step("one_hot", top=ONE_HOT)),)
        deep: tuple[Feature, ...] = (_feature(column, "", _step("index")),)
        return Proposal(
            f"A category with {facts.distinct} values: an index for trees and deep models, a column each for"
            " linear ones.",
            {"tree": tree, "linear": linear, "deep": deep},
        )
    tree = (
        _feature(column, "", _step("index")),
        _feature(column, ".mean", _step("target_encode")),
        _feature(column, ".share", _step("frequency")),
    )
    linear = (_feature(column, "", _step("one_hot", top=ONE_HOT)), _feature(column, ".mean", scaled))
    deep = (_feature(column, "", _step("index")), _feature(column, ".mean", scaled))
    reason = (
        f"A category with {facts.distinct:,} values: mean of the target per value (out of fold), how common"
        f" it is, and its index or the {min(ONE_HOT, facts.distinct)} most frequent values."
    )
    if _is_codes(facts):
        prefix = _step("code_prefix")
        tree += (_feature(column, ".prefix", prefix, _step("index", order="target")),)
        linear += (_feature(column, ".prefix", prefix, _step("one_hot", top=ONE_HOT)),)
        deep += (_feature(column, ".prefix", prefix, _step("index")),)
        reason += " What its codes begin with is a category of its own."
    return Proposal(reason, {"tree": tree, "linear": linear, "deep": deep})


def _is_codes(facts: ColumnProfile) -> bool:
    """Say whether the values are codes such as "C85": digits, and for some of them something before the first one."""
    values = [value for value, _ in facts.top_values]
    with_digit = [value for value in values if _DIGIT.search(value)]
    prefixed = [value for value in with_digit if not _DIGIT.match(value)]
    return bool(
        prefixed
        and len(with_digit) >= _CODES * len(values)
        and len(prefixed) >= _PREFIXED * len(values)
        and all(len(_DIGIT.split(value, maxsplit=1)[0]) <= _LONGEST_PREFIX for value in prefixed)
    )


def _scaling(facts: ColumnProfile) -> tuple[tuple[Step, ...], list[str]]:
    """Return the steps from a raw number to a scaled one, and a sentence for each that not every number gets."""
    low, middle, high = (facts.quantiles.get(share) for share in ("0.01", "0.5", "0.99"))
    least, most = facts.minimum, facts.maximum
    if low is None or middle is None or high is None or least is None or most is None:
        return _scaled(is_skewed=False, has_outliers=True), [
            "Missing ones get the median.",
            "Outliers are limited.",
        ]
    up, down = high - middle, middle - low
    is_skewed = (
        max(up, down) > 5 * min(up, down) and max(abs(least), abs(most)) > 10 and not _is_few_whole(facts)
    )
    has_outliers = high > low and max(most - high, low - least) > 3 * (high - low)
    notes = ["Missing ones get the median."] if facts.missing else []
    notes += ["Its long tail becomes a logarithm."] if is_skewed else []
    notes += ["Outliers are limited."] if has_outliers else []
    return _scaled(is_skewed=is_skewed, has_outliers=has_outliers), notes


def _scaled(*, is_skewed: bool, has_outliers: bool) -> tuple[Step, ...]:
    steps = [_step("impute")]
    if is_skewed:
        steps.append(_step("log"))
    if has_outliers:
        steps.append(_step("clip", share=0.001))
    return (*steps, _step("standardise"))


def _is_few_whole(facts: ColumnProfile) -> bool:
    values = [*facts.quantiles.values(), facts.minimum or 0.0, facts.maximum or 0.0]
    enough = ROWS_PER_VALUE * facts.distinct <= facts.rows - facts.missing
    return enough and 2 < facts.distinct <= FEW_NUMBERS and all(value == int(value) for value in values)


def _feature(column: Column, suffix: str, *steps: Step) -> Feature:
    return Feature(name=column.name + suffix, column=column.name, steps=steps)


def _step(name: str, **params: Any) -> Step:
    return Step(transform=name, params=params)
