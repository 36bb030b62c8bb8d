"""What a person should be told about a column or a table, from its profile alone."""

from __future__ import annotations

from engine.specs.profile import Alert, ColumnProfile
from engine.specs.schema import Column
from engine.words import words

_MISSING_SHARE = 0.5
_DOMINANT_SHARE = 0.95
_RARE_CLASS_SHARE = 0.05
_HIGH_CARDINALITY = 1000
_MANY_COLUMNS = 500
_FEW_ROWS = 100
_DUPLICATE_SHARE = 0.01


def column_alerts(column: Column, profile: ColumnProfile, *, is_target: bool) -> tuple[Alert, ...]:
    """Return the alerts of one column, the gravest first."""
    found: list[Alert] = []
    present = profile.rows - profile.missing
    missing_share = profile.missing / max(profile.rows, 1)
    if present == 0:
        found.append(Alert(code="all_missing", message="Every value is missing."))
    elif profile.distinct == 1:
        found.append(Alert(code="constant", message="All present values are the same."))
    if present and missing_share > _MISSING_SHARE:
        message = words("{percent:.0f} % of the values are missing.", percent=100 * missing_share)
        found.append(Alert(code="mostly_missing", message=message))
    if column.semantic == "identifier":
        found.append(Alert(code="identifier", message="Nearly every row has its own value; it names rows."))
    found += _shape_alerts(column, profile, present, is_target=is_target)
    if column.number_text:
        unit = f" ({column.number_text.unit})" if column.number_text.unit else ""
        found.append(
            Alert(
                code="number_in_text",
                message=f"{column.number_text.share:.0%} of the values hold a number with a unit{unit}.",
            )
        )
    return tuple(found)


def table_alerts(rows: int, duplicates: int, columns: int) -> tuple[Alert, ...]:
    """Return the alerts of a whole table."""
    found: list[Alert] = []
    if rows < _FEW_ROWS:
        found.append(
            Alert(code="few_rows", message=f"The table has {rows:,} rows; scores will move by chance.")
        )
    if duplicates > _DUPLICATE_SHARE * rows:
        found.append(Alert(code="duplicate_rows", message=f"{duplicates:,} rows repeat an earlier row."))
    if columns > _MANY_COLUMNS:
        found.append(Alert(code="many_columns", message=f"The table has {columns:,} columns."))
    return tuple(found)


def _shape_alerts(column: Column, profile: ColumnProfile, present: int, *, is_target: bool) -> list[Alert]:
    found: list[Alert] = []
    if column.semantic == "category" and profile.distinct > _HIGH_CARDINALITY:
        found.append(Alert(code="high_cardinality", message=f"It has {profile.distinct:,} different values."))
    if column.semantic in {"category", "boolean"} and profile.distinct > 1 and profile.top_values:
        most, rare = profile.top_values[0], profile.top_values[-1]
        if (
            is_target
            and profile.distinct <= len(profile.top_values)
            and rare[1] < _RARE_CLASS_SHARE * present
        ):
            found.append(
                Alert(
                    code="imbalanced", message=f"The class {rare[0]!r} has {rare[1]:,} of {present:,} rows."
                )
            )
        elif most[1] > _DOMINANT_SHARE * present:
            found.append(
                Alert(
                    code="imbalanced", message=f"{most[0]!r} makes up {most[1] / present:.1%} of the values."
                )
            )
    if profile.mean is not None and profile.std and "0.5" in profile.quantiles and profile.distinct > 10:
        middle, high = profile.quantiles["0.5"], profile.quantiles["0.99"]
        spread = profile.quantiles["0.75"] - profile.quantiles["0.25"]
        # Pearson's second skewness, and a long upper tail seen from the quartiles.
        skew = 3 * (profile.mean - middle) / profile.std
        if abs(skew) > 1 or (spread > 0 and (high - middle) > 10 * spread):
            found.append(Alert(code="skewed", message="A few values lie far from the others."))
    if profile.zeros > _DOMINANT_SHARE * present and present and profile.distinct > 1:
        found.append(Alert(code="mostly_zero", message=f"{profile.zeros / present:.1%} of the values are 0."))
    return found
