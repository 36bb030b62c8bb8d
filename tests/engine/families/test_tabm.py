"""Its proposals suit the data."""

from __future__ import annotations

from engine.families.base import DataShape
from engine.families.tabm import FAMILY
from engine.specs.params import complete


def shape(rows: int, features: int = 10) -> DataShape:
    return DataShape(rows=rows, features=features, task="binary", outputs=2)


def test_tiny_and_very_wide_data_get_none() -> None:
    assert FAMILY.proposes(shape(100)) == ()
    assert FAMILY.proposes(shape(10_000, features=5_000)) == ()


def test_more_rows_need_more_time() -> None:
    (small,), (large,) = FAMILY.proposes(shape(2_000)), FAMILY.proposes(shape(1_000_000))
    assert small.needs_s < large.needs_s
    assert small.params["batch_size"] < large.params["batch_size"]


def test_what_would_be_too_large_a_file_is_refused() -> None:
    defaults = complete(FAMILY.params, {}, "tabm")
    assert FAMILY.refuses(shape(1_000), defaults) is None
    reason = FAMILY.refuses(shape(1_000, features=15_000), {**defaults, "members": 64, "width": 1024})
    assert reason is not None
    assert "15,000" in reason


def test_wide_tables_get_more_members_where_rows_are_few() -> None:
    (narrow,), (wide,) = FAMILY.proposes(shape(5_000)), FAMILY.proposes(shape(5_000, features=60))
    (long,) = FAMILY.proposes(shape(500_000, features=60))
    assert "members" not in narrow.params
    assert "members" not in long.params
    assert wide.params["members"] > complete(FAMILY.params, {}, "tabm")["members"]
