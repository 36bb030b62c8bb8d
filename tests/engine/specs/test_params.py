"""A parameter declared once decides what fits, and defaults fit their own declaration."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidSpec
from engine.specs.params import Param, complete

WIDTH = Param(name="width", kind="int", default=128, low=16, high=1024, log=True, help="Neurons per layer.")
RATE = Param(name="rate", kind="float", default=0.1, low=0.0, high=1.0, help="Share that is dropped.")
BEST = Param(name="best", kind="bool", default=True, help="Keep the best.")
MODE = Param(name="mode", kind="choice", default="sqrt", choices=("sqrt", "log"), help="How to scale.")
ALL = (WIDTH, RATE, BEST, MODE)


@given(st.integers())
def test_a_whole_number_fits_exactly_within_its_range(value: int) -> None:
    assert (WIDTH.problem(value) is None) == (16 <= value <= 1024)


@given(st.floats())
def test_a_number_fits_exactly_within_its_range_and_nan_never(value: float) -> None:
    assert (RATE.problem(value) is None) == (0.0 <= value <= 1.0)
    assert WIDTH.problem(value) is not None


def test_both_ends_of_a_range_belong_to_it() -> None:
    assert [WIDTH.problem(end) for end in (16, 1024)] == [None, None]


@pytest.mark.parametrize("value", [True, "16", None, [16], 16.0])
def test_only_a_whole_number_is_a_whole_number(value: object) -> None:
    assert WIDTH.problem(value) == "expected a whole number"


def test_a_float_may_be_given_as_a_whole_number_but_not_as_a_boolean() -> None:
    assert RATE.problem(1) is None
    assert RATE.problem(True) == "expected a number"


def test_an_open_range_takes_any_number_but_nan() -> None:
    free = Param(name="free", kind="float", default=0.0, help="Anything.")
    assert free.problem(-1e300) is None
    assert free.problem(float("nan")) == "expected a number, not NaN"


@pytest.mark.parametrize(("value", "fits"), [(True, True), (False, True), (1, False), ("true", False)])
def test_a_boolean_is_only_a_boolean(value: object, fits: bool) -> None:
    assert (BEST.problem(value) is None) == fits


@pytest.mark.parametrize(("value", "fits"), [("sqrt", True), ("cube", False), (None, False)])
def test_a_choice_is_one_of_its_choices(value: object, fits: bool) -> None:
    assert (MODE.problem(value) is None) == fits


def test_what_is_not_given_is_its_default_in_declared_order() -> None:
    assert complete(ALL, {"rate": 0.5}, "mlp") == {"width": 128, "rate": 0.5, "best": True, "mode": "sqrt"}
    assert list(complete(ALL, {"mode": "log"}, "mlp")) == ["width", "rate", "best", "mode"]


def test_completing_twice_changes_nothing() -> None:
    once = complete(ALL, {"width": 32}, "mlp")
    assert complete(ALL, once, "mlp") == once


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(InvalidSpec) as caught:
        complete(ALL, {"width": 1, "mode": "cube", "depth": 3}, "mlp")
    for words in (
        "`depth` is not a parameter of mlp",
        "`width`: expected a value in [16, 1024]. Received: 1",
        "'cube'",
    ):
        assert words in caught.value.message
    assert "width, rate, best, mode" in caught.value.remedy


def test_an_owner_without_parameters_says_so() -> None:
    with pytest.raises(InvalidSpec) as caught:
        complete((), {"depth": 3}, "baseline")
    assert caught.value.remedy.endswith("none.")
