"""A family of networks for pictures offers what suits the pictures, and nothing where there are none."""

from __future__ import annotations

from dataclasses import replace

from engine.families import picture_params
from engine.families.base import DataShape
from engine.families.picture_family import Offer, picture_family

SHAPE = DataShape(rows=500, features=3072, sample_shape=(32, 32, 3), task="binary", outputs=2)
FAMILY = picture_family(
    name="made",
    title="Made",
    summary="Made for a test.",
    body="plain",
    depth=picture_params.depth(3, "layers"),
    work=lambda params, side: 1e6 * params["width"] * side,
    offers=lambda side: (
        Offer(order=side, params={"width": 8}, reason="Small."),
        Offer(order=90, params={"width": 64}, reason="Large.", name="large", least_rows=1_000),
    ),
)


def test_offers_depend_on_side_and_number_of_pictures() -> None:
    (small,) = FAMILY.proposes(SHAPE)
    assert (small.order, small.params, small.reason) == (32, {"width": 8}, "Small.")
    few, large = FAMILY.proposes(replace(SHAPE, rows=1_000))
    assert (few.name, large.name) == ("", "large")
    assert few.needs_s < large.needs_s


def test_nothing_is_offered_for_rows_of_numbers_or_a_handful_of_pictures() -> None:
    assert FAMILY.proposes(replace(SHAPE, sample_shape=())) == ()
    assert FAMILY.proposes(replace(SHAPE, rows=5)) == ()


def test_all_declare_the_same_dials() -> None:
    names = [param.name for param in FAMILY.params]
    assert names[:2] == ["width", "depth"]
    assert len(set(names)) == len(names)
    assert FAMILY.view == "pixels"
