"""What a person must fill in to ask a table model: one field per input, with examples and limits seen in training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.specs.bundle import BundleMetadata, GoldenRows, InputFacts, decode_number
from engine.specs.schema import Column
from engine.words import words

FieldKind = Literal["number", "category", "text", "date", "boolean"]
_KINDS: Mapping[str, FieldKind] = {
    "number": "number",
    "category": "category",
    "boolean": "boolean",
    "datetime": "date",
    "text": "text",
    "identifier": "text",
    "constant": "text",
}


@dataclass(frozen=True, kw_only=True)
class InputField:
    """One input of a model, as a form shows it.

    example: a usual value.   choices: values to choose from, for categories and booleans; others are understood too.
    low, high: between them lay nearly all numbers of the training table.   missing_allowed: may be left empty.
    """

    name: str
    kind: FieldKind
    example: float | str | None
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    missing_allowed: bool = True
    help: str = ""


def input_fields(metadata: BundleMetadata) -> tuple[InputField, ...]:
    """Return the fields of a published table model, in the order of its training table."""
    golden = metadata.golden_rows
    facts = {entry.name: entry for entry in metadata.card.inputs}
    names = golden.numbers.keys() | golden.texts.keys()
    return tuple(
        _field(column, facts.get(column.name, InputFacts(name=column.name)), golden)
        for column in metadata.schema.columns
        if column.name in names
    )


def _field(column: Column, facts: InputFacts, golden: GoldenRows) -> InputField:
    if column.input_type == "float":
        return _number(column, facts, golden)
    kind = _KINDS[column.semantic]
    # The last golden row holds a text that no training data has.
    seen = dict.fromkeys(text for text in golden.texts[column.name][:-1] if text)
    choices = facts.choices or tuple(seen)
    return InputField(
        name=column.name,
        kind=kind,
        example=next(iter(choices), next(iter(seen), "")),
        choices=choices if kind in ("category", "boolean") else (),
        help=_text_help(column, kind),
    )


def _number(column: Column, facts: InputFacts, golden: GoldenRows) -> InputField:
    found = sorted(x for x in map(decode_number, golden.numbers[column.name]) if math.isfinite(x))
    low = facts.low if facts.low is not None else found[0] if found else None
    high = facts.high if facts.high is not None else found[-1] if found else None
    median = facts.median if facts.median is not None else found[len(found) // 2] if found else None
    if median is not None and column.physical == "int64":
        median = float(round(median))
    low, median, high = (None if x is None else float(f"{x:.6g}") for x in (low, median, high))
    note = words("A number.")
    if low is not None and high is not None:
        note = words("Usually between {low:g} and {high:g}.", low=low, high=high)
    return InputField(name=column.name, kind="number", example=median, low=low, high=high, help=note)


def _text_help(column: Column, kind: FieldKind) -> str:
    if kind == "date" and column.datetime_format:
        return words("A date written like the training data: {pattern}.", pattern=column.datetime_format)
    if kind in ("category", "boolean"):
        return words("One of the values the model knows; an unknown one counts as such.")
    return words("Text.")
