"""A profile finds the facts of a column by its name."""

from __future__ import annotations

from engine.specs.profile import ColumnProfile, Profile


def test_columns_are_found_by_name() -> None:
    age = ColumnProfile(name="age", rows=3, missing=1, distinct=2)
    city = ColumnProfile(name="city", rows=3, missing=0, distinct=3)
    profile = Profile(rows=3, duplicate_rows=0, columns=(age, city))
    assert profile.by_name == {"age": age, "city": city}
