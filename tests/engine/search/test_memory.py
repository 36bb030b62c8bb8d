from __future__ import annotations

import math

import pytest

from engine.search.memory import Memory
from engine.search.space import FAMILY, Space
from engine.specs.search import ParamRange, SearchSpec, TrialRecord
from engine.specs.training import Candidate
from tests.engine.search.made_search import FIRST, SECOND, SHAPES, made_loss

SPACE = Space(SearchSpec(), [FIRST, SECOND], SHAPES)


def _memory(*, greater_is_better: bool = False) -> Memory:
    return Memory(SearchSpec(sampler="tpe", starters=5), SPACE, greater_is_better)


def _learnt(memory: Memory, count: int) -> list[Candidate]:
    """Draw and end so many trials."""
    drawn = []
    for number in range(count):
        asked, values = memory.draw(number, 0, lambda values: False)
        candidate = SPACE.candidate(number, values)
        score = made_loss(candidate)
        memory.end(asked, TrialRecord(number=number, candidate=candidate, state="complete", score=score))
        drawn.append(candidate)
    return drawn


def test_a_memory_told_of_ended_trials_draws_as_the_one_that_saw_them() -> None:
    seen = _memory()
    candidates = _learnt(seen, 12)
    told = _memory()
    for candidate in candidates:
        assert told.remember(candidate, "complete", made_loss(candidate))
    assert told.known == seen.known
    assert told.draw(12, 0, lambda values: False)[1] == seen.draw(12, 0, lambda values: False)[1]


def test_refused_configurations_are_avoided() -> None:
    memory = _memory()
    asked, drawn = memory.draw(0, 0, lambda values: False)
    memory.refuse(asked, drawn)
    assert memory.refused == [drawn]
    assert memory.known == []
    told = _memory()
    assert told.remember(SPACE.candidate(0, drawn), "refused", None)
    assert told.refused == [drawn]


def test_a_candidate_can_be_asked_for_even_outside_the_space() -> None:
    memory = _memory()
    memory.space = Space(SearchSpec(ranges={"first.share": ParamRange(high=0.25)}), [FIRST], SHAPES)
    inside = Candidate(id="a", family="first", params={"share": 0.125})
    assert memory.ask_for(inside).params["first.share"] == 0.125
    outside = Candidate(id="b", family="first", params={"share": 0.5})
    assert FAMILY not in memory.ask_for(outside).params
    assert not memory.remember(outside, "complete", 1.0)


@pytest.mark.parametrize("greater_is_better", [True, False])
def test_losses_are_to_be_made_small(greater_is_better: bool) -> None:
    memory = _memory(greater_is_better=greater_is_better)
    better, worse = (0.9, 0.1) if greater_is_better else (0.1, 0.9)
    assert memory.loss(better) < memory.loss(worse) < memory.loss(None) == math.inf


def test_a_trial_tried_before_is_forgotten() -> None:
    memory = _memory()
    asked, _ = memory.draw(0, 0, lambda values: False)
    memory.drop(asked)
    assert memory.known == memory.refused == []
