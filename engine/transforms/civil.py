"""Days and calendar dates by whole-number formulas, for graphs; SQL has its own dates.

Source: H. Hinnant, chrono-Compatible Low-Level Date Algorithms (days_from_civil, civil_from_days).
"""

from __future__ import annotations

from engine.transforms.formula import Term

DAY_S = 86_400.0
#: First and last second of the years 0 … 9999, counted from 1970-01-01 00:00.
FIRST_S, LAST_S = -62_167_219_200.0, 253_402_300_799.0


def days_from_civil(year: Term, month: Term, day: Term) -> Term:
    """Return the days since 1970-01-01 of a proleptic Gregorian date."""
    late = (month > 2.0).where(1.0, 0.0)
    shifted = year - 1.0 + late
    era = (shifted / 400.0).floor()
    of_era = shifted - era * 400.0
    from_march = (month > 2.0).where(month - 3.0, month + 9.0)
    of_year = ((from_march * 153.0 + 2.0) / 5.0).floor() + day - 1.0
    return (
        era * 146_097.0
        + of_era * 365.0
        + (of_era / 4.0).floor()
        - (of_era / 100.0).floor()
        + of_year
        - 719_468.0
    )


def civil_from_days(days: Term) -> tuple[Term, Term, Term]:
    """Return year, month and day of the days since 1970-01-01."""
    shifted = days + 719_468.0
    era = (shifted / 146_097.0).floor()
    of_era = shifted - era * 146_097.0
    leaps = (of_era / 1_460.0).floor() - (of_era / 36_524.0).floor() + (of_era / 146_096.0).floor()
    year = ((of_era - leaps) / 365.0).floor()
    of_year = of_era - year * 365.0 - (year / 4.0).floor() + (year / 100.0).floor()
    from_march = ((of_year * 5.0 + 2.0) / 153.0).floor()
    day = of_year - ((from_march * 153.0 + 2.0) / 5.0).floor() + 1.0
    month = (from_march < 10.0).where(from_march + 3.0, from_march - 9.0)
    return year + era * 400.0 + (month < 3.0).where(1.0, 0.0), month, day


def is_real_date(year: Term, month: Term, day: Term) -> Term:
    """Return the condition that the month (1 … 12) has this day (1 … 31)."""
    _, month_again, day_again = civil_from_days(days_from_civil(year, month, day))
    return (month_again.equals(month)).where(day_again, -1.0).equals(day)
