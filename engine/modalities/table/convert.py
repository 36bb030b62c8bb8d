"""The SQL that turns a raw cell into what the schema promises; the same for import and for batch prediction."""

from __future__ import annotations

from engine.modalities.table.evidence import Evidence, trimmed
from engine.specs.cells import MAX_WHOLE, PLAIN, style_of
from engine.specs.schema import Column
from engine.sql import quote_text

#: The message of the SQL error that says: a value further down breaks the guessed type.
LATE_VALUE = "aimass: a later value breaks the guessed type"
_ERROR = f"error({quote_text(LATE_VALUE)})"


def is_clean(evidence: Evidence) -> bool:
    """Tell whether no cell is known that the plain cast would get wrong."""
    return not (evidence.tokens or evidence.blanks or evidence.infinite or evidence.values < evidence.numbers)


def strict_sql(raw: str, column: Column, *, is_clean: bool) -> str:
    """SQL of the stored value; raises in DuckDB when a value is no number after all.

    raw: SQL of the raw text; NULL when empty.   is_clean: no tokens, outer blanks or infinities are known of, so
    the plain cast will do; where that fails a second, thorough round follows.
    """
    if column.physical == "string":
        return raw if is_clean else string_sql(raw, column)
    if is_clean and column.decimal == "." and not column.thousands:
        if column.physical == "double":
            return f"CAST({raw} AS DOUBLE)"
        whole = f"CAST({raw} AS BIGINT)"
        kept = f"CAST({whole} AS VARCHAR) = {raw} AND abs({whole}) < {MAX_WHOLE}"
        return f"CASE WHEN {kept} THEN {whole} WHEN {raw} IS NOT NULL THEN {_ERROR} END"
    value = trimmed(raw)
    style = style_of(column.decimal, column.thousands)
    number = f"CAST({style.sql(value)} AS DOUBLE)"
    if column.physical == "int64":
        check = f"{number} = trunc({number}) AND abs({number}) < {MAX_WHOLE}"
        number = f"CASE WHEN {check} THEN CAST({number} AS BIGINT) ELSE {_ERROR} END"
    else:
        number = f"CASE WHEN isfinite({number}) THEN {number} END"
    if style is not PLAIN:
        number = (
            f"CASE WHEN regexp_full_match({value}, {quote_text(style.regex)}) THEN {number} ELSE {_ERROR} END"
        )
    return f"CASE WHEN {raw} IS NULL OR {_is_missing(value, column)} THEN NULL ELSE {number} END"


def lenient_sql(raw: str, column: Column) -> str:
    """SQL of the stored value for rows never seen before: what is no number is missing."""
    if column.physical == "string":
        return string_sql(raw, column)
    value = trimmed(raw)
    style = style_of(column.decimal, column.thousands)
    number = f"TRY_CAST({style.sql(value)} AS DOUBLE)"
    if style is not PLAIN:
        number = f"CASE WHEN regexp_full_match({value}, {quote_text(style.regex)}) THEN {number} END"
    return f"CASE WHEN {_is_missing(value, column)} OR NOT isfinite({number}) THEN NULL ELSE {number} END"


def string_sql(raw: str, column: Column) -> str:
    """SQL of a cleaned string: without outer blanks, NULL where a token means missing."""
    value = trimmed(raw)
    return f"CASE WHEN {_is_missing(value, column)} THEN NULL ELSE {value} END"


def _is_missing(value: str, column: Column) -> str:
    tokens = ", ".join(quote_text(token) for token in ("", *column.missing_tokens))
    return f"{value} IN ({tokens})"
