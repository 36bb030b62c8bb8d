from __future__ import annotations

import pytest

from engine.search.pruning import (
    Contest,
    Steps,
    best_until,
    first_rung,
    is_judged,
    should_prune,
)
from engine.specs.search import PRUNERS, PrunerName, SearchSpec

FLAT = [(step, 0.5) for step in range(1, 28)]


def _curve(value: float, until: int = 27) -> Steps:
    return [(step, value) for step in range(1, until + 1)]


def _contest(pruner: PrunerName, own: Steps, others: list[Steps], number: int = 0) -> Contest:
    return Contest(spec=SearchSpec(pruner=pruner), number=number, first=3, own=own, finished=others)


@pytest.mark.parametrize("pruner", PRUNERS)
def test_the_best_trial_is_never_pruned(pruner: PrunerName) -> None:
    others = [_curve(value / 10) for value in range(9)]
    assert not any(should_prune(_contest(pruner, _curve(0.95, until), others)) for until in range(1, 28))


@pytest.mark.parametrize("pruner", ["asha", "hyperband", "median"])
def test_the_worst_trial_is_pruned_before_its_end(pruner: PrunerName) -> None:
    others = [_curve(value / 10) for value in range(1, 10)]
    judged = [until for until in range(1, 28) if should_prune(_contest(pruner, _curve(0.05, until), others))]
    assert judged
    assert judged[0] <= 27


def test_no_pruner_prunes_nothing() -> None:
    assert not should_prune(_contest("none", _curve(0.0), [_curve(1.0)] * 20))


def test_asha_judges_at_rungs_alone() -> None:
    spec = SearchSpec(pruner="asha")
    assert [step for step in range(1, 82) if is_judged(spec, 0, 3, _curve(0.5, step))] == [3, 9, 27, 81]
    assert is_judged(spec, 0, 3, [(2, 0.1), (10, 0.2)])
    assert not is_judged(spec, 0, 3, [(10, 0.1), (20, 0.2)])


def test_asha_lets_one_in_three_go_on() -> None:
    others = [_curve(value / 10) for value in range(8)]
    kept = [at for at in range(10) if not should_prune(_contest("asha", _curve(at / 10 + 0.01, 3), others))]
    assert kept == [5, 6, 7, 8, 9]
    nine = [value / 10 for value in range(9)]
    passed = [
        value
        for value in nine
        if not should_prune(
            _contest("asha", _curve(value, 3), [_curve(other) for other in nine if other != value])
        )
    ]
    assert passed == [0.6, 0.7, 0.8]


def test_the_first_trials_are_not_judged() -> None:
    assert not should_prune(_contest("asha", _curve(0.0, 3), [_curve(1.0)]))
    assert should_prune(_contest("asha", _curve(0.0, 3), [_curve(1.0), _curve(0.9)]))
    assert not should_prune(_contest("median", _curve(0.0, 3), [_curve(1.0)] * 4))


def test_hyperband_judges_some_trials_later() -> None:
    spec = SearchSpec(pruner="hyperband")
    firsts = {
        next(step for step in range(1, 28) if is_judged(spec, number, 3, _curve(0.5, step)))
        for number in range(30)
    }
    assert firsts == {3, 9, 27}


def test_the_best_so_far_counts_and_a_finished_trial_counts_to_the_end() -> None:
    wavering = [(1, 0.9), (2, 0.1), (3, 0.1)]
    assert best_until(wavering, 3) == 0.9
    early_stop = [(1, 0.8), (2, 0.85)]
    short, long = [(1, 0.7)], _curve(0.6)
    contest = Contest(
        spec=SearchSpec(), number=0, first=3, own=FLAT, others=[short, long], finished=[early_stop]
    )
    assert contest.rivals(1) == [short, long, early_stop]
    assert contest.rivals(27) == [long, early_stop]


def test_a_slow_trial_that_still_gains_goes_on() -> None:
    slow = [(step, step / 100) for step in range(1, 10)]
    stuck = [(step, 0.08) for step in range(1, 10)]
    fast = _curve(0.1)
    contest = _contest("asha", slow, [fast, fast])
    assert contest.promise(slow, 9) == pytest.approx(0.09 + 0.06 / 2)
    assert contest.promise(fast, 9) == pytest.approx(0.1)
    assert contest.promises(9) == [0.1, 0.1]
    assert not should_prune(_contest("asha", slow, [fast, fast]))
    assert should_prune(_contest("asha", stuck, [fast, fast]))


def test_a_trial_is_first_judged_after_a_tenth_of_the_longest_one() -> None:
    assert first_rung(SearchSpec(), []) is None
    assert first_rung(SearchSpec(), [_curve(0.1, 900)] * 4) is None
    assert first_rung(SearchSpec(), [_curve(0.1, 900), *[_curve(0.1, 100)] * 4, []]) == 90
    assert first_rung(SearchSpec(), [_curve(0.1, 2)] * 5) == 1
    assert first_rung(SearchSpec(first_step=7), []) == 7
