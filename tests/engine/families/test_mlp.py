"""The network's proposals suit the data."""

from __future__ import annotations

from engine.families.base import DataShape
from engine.families.mlp import FAMILY


def shape(rows: int, features: int = 10) -> DataShape:
    return DataShape(rows=rows, features=features, task="binary", outputs=2)


def test_tiny_data_gets_no_network() -> None:
    assert FAMILY.proposes(shape(100)) == ()


def test_more_rows_get_a_wider_network_and_more_time() -> None:
    (small,), (large,) = FAMILY.proposes(shape(2_000)), FAMILY.proposes(shape(1_000_000))
    assert small.params["width"] < large.params["width"]
    assert small.needs_s < large.needs_s


def test_too_many_features_are_refused() -> None:
    reason = FAMILY.refuses(shape(1_000, features=1_000_000), {})
    assert reason is not None
    assert "1,000,000" in reason
