"""What a person must give to ask a model: one field per input, with examples and limits seen in training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.specs.bundle import BundleMetadata, GoldenRows, InputFacts, decode_number
from engine.specs.schema import Column
from engine.words import words

FieldKind = Literal["number", "category", "text", "date", "boolean", "image"]
_KINDS: Mapping[str, FieldKind] = {
    "number": "number",
    "category": "category",
    "boolean": "boolean",
    "datetime": "date",
    "text": "text",
    "identifier": "text",
    "constant": "text",
    "image": "image",
}
#: Characters of base64 that an example may have: it stands in commands that people paste.
_MOST_EXAMPLE = 4000


@dataclass(frozen=True, kw_only=True)
class InputField:
    """One input of a model, as a form shows it.

    example: a usual value; of a picture a small PNG file in base64.
    choices: values to choose from, for categories and booleans; others are understood too.
    low, high: between them lay nearly all numbers of the training table.   missing_allowed: may be left empty.
    width, height: of a usual picture, in pixels.
    """

    name: str
    kind: FieldKind
    example: float | str | None
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    missing_allowed: bool = True
    help: str = ""
    width: int | None = None
    height: int | None = None


def input_fields(metadata: BundleMetadata) -> tuple[InputField, ...]:
    """Return the fields of a published model, in the order of its training table."""
    golden = metadata.golden_rows
    facts = {entry.name: entry for entry in metadata.card.inputs}
    return tuple(
        _field(column, facts.get(column.name, InputFacts(name=column.name)), golden)
        for column in metadata.schema.columns
        if column.name in golden.inputs
    )


def _field(column: Column, facts: InputFacts, golden: GoldenRows) -> InputField:
    if column.input_type == "image":
        return _picture(column, facts, golden)
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


def _picture(column: Column, facts: InputFacts, golden: GoldenRows) -> InputField:
    files = golden.images[column.name]
    # The last golden picture is made, one grey: an example only where every real one is too long to be pasted.
    short = [text for text in files[:-1] if len(text) <= _MOST_EXAMPLE]
    width, height = (None if side is None else round(side) for side in (facts.width, facts.height))
    note = words("A picture of any size: PNG, JPEG, WebP, BMP or TIFF.")
    if width is not None and height is not None:
        note = words(
            "A picture of any size: PNG, JPEG, WebP, BMP or TIFF. The model learned from pictures of about "
            "{width} × {height} pixels.",
            width=width,
            height=height,
        )
    return InputField(
        name=column.name,
        kind="image",
        example=next(iter([*short, *files[-1:]]), None),
        missing_allowed=False,
        help=note,
        width=width,
        height=height,
    )


def _text_help(column: Column, kind: FieldKind) -> str:
    if kind == "date" and column.datetime_format:
        return words("A date written like the training data: {pattern}.", pattern=column.datetime_format)
    if kind in ("category", "boolean"):
        return words("One of the values the model knows; an unknown one counts as such.")
    return words("Text.")
