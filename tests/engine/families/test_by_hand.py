"""Dials set by hand are read, checked as a whole, and nailed down for a search."""

from __future__ import annotations

import pytest

from engine.errors import InvalidSpec
from engine.families import family
from engine.families.by_hand import check_by_hand, fixed_ranges, read_by_hand, set_by_hand
from engine.specs.search import ParamRange


def test_text_is_read_as_what_the_dial_holds() -> None:
    assert read_by_hand("lightgbm.leaves", "63") == 63
    assert read_by_hand("lightgbm.learning_rate", "0.1") == 0.1
    assert read_by_hand("lightgbm.random_cuts", "True") is True
    assert read_by_hand("linear.penalty", "l1") == "l1"
    check_by_hand({"lightgbm.l1": 1, "mlp.batch_norm": False})


def test_every_problem_is_told_at_once() -> None:
    wrong = {
        "lightgbm.leaves": read_by_hand("lightgbm.leaves", "many"),
        "lightgbm.leafs": 3,
        "boosting.leaves": 3,
        "svm.cost": -1.0,
        "mlp.batch_norm": 1,
    }
    with pytest.raises(InvalidSpec) as caught:
        check_by_hand(wrong)
    assert all(name in str(caught.value) for name in wrong)


def test_each_family_gets_its_own() -> None:
    params = {"lightgbm.leaves": 63, "xgboost.depth": 3, "lightgbm.l1": 0.5}
    assert set_by_hand(params, family("lightgbm")) == {"leaves": 63, "l1": 0.5}
    assert set_by_hand(params, family("linear")) == {}


def test_a_search_tries_nothing_else_and_never_a_yardstick() -> None:
    params = {"lightgbm.leaves": 63, "linear.penalty": "l1", "svm.cost": 3.0}
    found = fixed_ranges(params, ["linear", "lightgbm", "lightgbm"])
    assert found == {"lightgbm.leaves": ParamRange(value=63)}, "and of nobody who is not searched"
