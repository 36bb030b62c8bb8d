"""Rounds end when they should, and steps grow only where the time asks for it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine.families.base import Budget
from engine.families.bridges.boosted import Rounds, sums_width
from engine.families.targets import read_target


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def rounds(clock: Clock, seconds: float = 100.0, has_valid: bool = True, **given: Any) -> Rounds:
    params = {"rounds": 100, "learning_rate": 0.1, "patience": 5, **given}
    return Rounds(params, Budget(seconds, clock), lambda *_: None, has_valid=has_valid)


def no_loss() -> float:
    return 0.0


def test_patience_ends_them_after_the_best_one() -> None:
    judge = rounds(Clock())
    losses = [3.0, 2.0, 1.0] + [1.5] * 20
    asked = [judge.goes_on(step, loss, no_loss) for step, loss in enumerate(losses, 1)]
    assert (judge.best_round, judge.stopped) == (3, "early")
    assert asked.index(False) == 7


def test_without_validation_rows_all_are_kept() -> None:
    judge = rounds(Clock(), has_valid=False, rounds=8)
    step = 1
    while judge.goes_on(step, math.nan, no_loss):
        step += 1
    assert (step, judge.best_round, judge.stopped) == (8, 8, "converged")


def test_the_clock_ends_them() -> None:
    clock = Clock()
    judge = rounds(clock, seconds=3.0)
    assert judge.goes_on(1, 1.0, no_loss)
    clock.now = 4.0
    assert not judge.goes_on(2, 0.9, no_loss)
    assert judge.stopped == "time"


def test_the_last_round_is_whole_even_when_the_time_ends_with_it() -> None:
    clock = Clock()
    judge = rounds(clock, seconds=3.0, rounds=1)
    clock.now = 4.0
    assert not judge.goes_on(1, 1.0, no_loss)
    assert judge.stopped == "converged"


def test_a_loss_that_is_no_number_is_not_the_best() -> None:
    judge = rounds(Clock())
    for step, loss in enumerate([math.nan, 2.0, math.nan], 1):
        judge.goes_on(step, loss, no_loss)
    assert judge.best_round == 2


@pytest.mark.parametrize(("per_round_s", "grows"), [(0.1, False), (2.0, True)])
def test_steps_grow_where_the_time_allows_too_few_rounds(per_round_s: float, grows: bool) -> None:
    clock = Clock()
    judge = rounds(clock)
    clock.now = 20 * per_round_s
    larger = judge.larger_step(20)
    assert (larger is not None) == grows
    assert larger is None or 0.1 < larger <= 0.3


def test_steps_that_were_found_before_stay() -> None:
    clock = Clock()
    judge = rounds(clock, has_valid=False)
    clock.now = 90.0
    assert judge.larger_step(20) is None


def test_two_classes_and_values_need_one_sum() -> None:
    classes = [read_target(np.arange(count, dtype=float), "multiclass", 5) for count in (2, 4)]
    values = read_target(np.arange(4.0), "regression", 1)
    assert [sums_width(target) for target in (*classes, values)] == [1, 4, 1]
