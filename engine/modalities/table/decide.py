"""Decide from evidence what each column is (number, date, category, text …) and what means missing in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.modalities.table.dates import find_date_format
from engine.modalities.table.evidence import Evidence, fits_whole
from engine.modalities.table.numbers import number_in_text
from engine.modalities.table.tokens import ALL_TOKENS, DOUBTFUL_TOKENS, PLAIN_TOKENS, category_tokens
from engine.specs.cells import PLAIN, NumberStyle
from engine.specs.schema import Column, Physical, Semantic

_BOOLEANS = ({"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"}, {"是", "否"}, {"on", "off"})
_ID_NAME = re.compile(r"(?:^|[_\s.-])(?:id|uid|uuid|guid|key|index|编号|序号|单号)$", re.IGNORECASE)
_CAMEL_ID = re.compile(r"[a-z](?:ID|Id)$")
_MIN_IDENTIFIERS = 20
_UNIQUE_SHARE = 0.95
_LONE_TOKEN_SHARE = 0.95


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A column, and sentences that should be said about it."""

    column: Column
    notes: tuple[str, ...] = ()


def decide_columns(
    names: Sequence[str], written: Sequence[str], evidence: Sequence[Evidence]
) -> tuple[list[Decision], tuple[str, str]]:
    """Decide every column.   Returns: decisions, and the file's own (decimal, thousands) marks."""
    votes = [e.styles for e in evidence if e.styles]
    comma = sum(all(style.decimal == "," for style in styles) for styles in votes)
    point = sum(e.all_numbers and not fits_whole(e) for e in evidence)
    prefers_comma = comma > 0 and comma >= point
    decisions = [
        _decide(name, source, item, prefers_comma)
        for name, source, item in zip(names, written, evidence, strict=True)
    ]
    styles = [(d.column.decimal, d.column.thousands) for d in decisions if d.column.physical != "string"]
    return decisions, max(set(styles), key=styles.count) if styles else (".", "")


def is_id_name(name: str) -> bool:
    """Tell whether a column is called like an identifier: "id", "customerID", "order_id", "编号"."""
    return bool(_ID_NAME.search(name) or _CAMEL_ID.search(name))


def _decide(name: str, source: str, evidence: Evidence, prefers_comma: bool) -> Decision:
    blank = Column(
        name=name, source_name=source, physical="string", semantic="constant", trim=evidence.blanks > 0
    )
    if evidence.values == 0:
        return Decision(column=replace(blank, missing_tokens=PLAIN_TOKENS))
    if evidence.all_numbers and not (evidence.padded or evidence.odd):
        if compact := find_date_format(evidence, compact_only=True):
            return Decision(column=replace(blank, semantic="datetime", datetime_format=compact))
        return _number(blank, evidence, _plain_or_grouped(evidence, prefers_comma))
    if evidence.styles and not evidence.padded and not evidence.odd:
        return _number(blank, evidence, _choose_style(evidence.styles, prefers_comma))
    if lone := _lone_token(evidence):
        return _number(blank, evidence, PLAIN, lone)
    if pattern := find_date_format(evidence):
        tokens = _present(ALL_TOKENS, evidence)
        return Decision(
            column=replace(blank, semantic="datetime", datetime_format=pattern, missing_tokens=tokens)
        )
    return _string(blank, evidence)


def _number(blank: Column, evidence: Evidence, style: NumberStyle, lone: str = "") -> Decision:
    whole = fits_whole(evidence) and not lone
    if evidence.whole == evidence.values and not whole and not evidence.infinite:
        return Decision(column=replace(blank, semantic="identifier", missing_tokens=PLAIN_TOKENS))
    physical: Physical = "int64" if whole else "double"
    tokens = (*ALL_TOKENS, lone) if lone else ALL_TOKENS
    notes = (
        [f"Column {blank.name!r}: {lone!r}, the only value that is no number, counts as missing."]
        if lone
        else []
    )
    column = replace(
        blank,
        physical=physical,
        semantic="number",
        missing_tokens=tokens,
        decimal=style.decimal,
        thousands=style.thousands,
    )
    return Decision(column=column, notes=tuple(notes))


def _plain_or_grouped(evidence: Evidence, prefers_comma: bool) -> NumberStyle:
    """ "1.234" is a plain number, unless the file writes "1,5" elsewhere and all values fit "1.234,5"."""
    return _choose_style(evidence.styles, True) if prefers_comma and evidence.styles else PLAIN


def _choose_style(styles: Sequence[NumberStyle], prefers_comma: bool) -> NumberStyle:
    wanted = [style for style in styles if (style.decimal == ",") == prefers_comma]
    return (wanted or list(styles))[0]


def _lone_token(evidence: Evidence) -> str:
    """A single word among at least 95 % numbers, such as "suppressed" or "*"."""
    if evidence.numbers < _LONE_TOKEN_SHARE * evidence.values or evidence.padded or evidence.odd:
        return ""
    words = [
        value for value, _ in evidence.top if not any(c.isdigit() for c in value) and value not in ALL_TOKENS
    ]
    misses = evidence.values - evidence.numbers
    counts = dict(evidence.top)
    if len(words) == 1 and counts[words[0]] == misses and evidence.numbers >= _MIN_IDENTIFIERS and misses > 1:
        return words[0]
    return ""


def _string(blank: Column, evidence: Evidence) -> Decision:
    values = [(value, count) for value, count in evidence.top if value not in PLAIN_TOKENS]
    words = [(value, count) for value, count in values if value not in ALL_TOKENS]
    semantic = _string_semantic(blank.name, evidence, [value for value, _ in words])
    if semantic in {"category", "boolean", "constant"}:
        tokens = category_tokens(value for value, _ in evidence.top)
        kept = [value for value, _ in evidence.top if value in DOUBTFUL_TOKENS]
        if kept and semantic == "boolean":
            tokens, kept = (*tokens, *kept), []
    else:
        tokens, kept = ALL_TOKENS, []
    notes = [f"Column {blank.name!r}: {value!r} was kept as a value, not read as missing." for value in kept]
    hidden = None if semantic in {"identifier", "boolean", "constant"} else number_in_text(words)
    column = replace(blank, semantic=semantic, missing_tokens=tokens, number_text=hidden)
    return Decision(column=column, notes=tuple(notes))


def _string_semantic(name: str, evidence: Evidence, values: Sequence[str]) -> Semantic:
    distinct, share = evidence.distinct, evidence.distinct / evidence.values
    if distinct <= 1:
        return "constant"
    if distinct == 2 and {value.casefold() for value in values} in _BOOLEANS:
        return "boolean"
    words, length = evidence.mean_words, evidence.mean_length
    unspaced = any(
        "\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" for value in values[:50] for c in value
    )
    is_long = length > 50 or (unspaced and length >= 12)
    if (words >= 2.5 and share > 0.5) or (is_long and (share > 0.2 or distinct > 1000)):
        return "text"
    if evidence.values >= _MIN_IDENTIFIERS and share >= _UNIQUE_SHARE:
        return "identifier" if words < 1.5 or is_id_name(name) else "text"
    return "category"


def _present(tokens: Sequence[str], evidence: Evidence) -> tuple[str, ...]:
    """The plain tokens, and of the doubtful ones those that the column holds."""
    held = {value for value, _ in evidence.top}
    return tuple(token for token in tokens if token in PLAIN_TOKENS or token in held)
