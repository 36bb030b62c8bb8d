from __future__ import annotations

from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidSpec
from engine.families import CATALOGUE
from engine.families.base import DataShape
from engine.search.space import FAMILY, Dial, Space
from engine.specs.params import Param, complete
from engine.specs.search import ParamRange, SearchSpec
from engine.specs.training import Candidate
from tests.engine.search.made_search import FIRST, SECOND, SHAPES, made_family


def _space(**ranges: ParamRange) -> Space:
    named = {name.replace("__", "."): given for name, given in ranges.items()}
    return Space(SearchSpec(ranges=named), [FIRST, SECOND], SHAPES)


def _some(space: Space, count: int = 30) -> list[dict[str, Any]]:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    return [dict(space.draw(study.ask())) for _ in range(count)]


def test_a_trial_draws_a_family_and_its_dials_alone() -> None:
    drawn = _some(_space())
    assert {one[FAMILY] for one in drawn} == {"first", "second"}
    for one in drawn:
        family = one[FAMILY]
        assert set(one) == {FAMILY} | {f"{family}.{name}" for name in ("share", "pace", "kind", "count")}


def test_a_candidate_has_every_param_and_goes_back_to_what_was_drawn() -> None:
    space = _space()
    for number, drawn in enumerate(_some(space)):
        candidate = space.candidate(number, drawn)
        assert candidate.id == f"{candidate.family}-t{number}"
        assert complete(FIRST.params, candidate.params, "a family") == dict(candidate.params)
        assert candidate.params["rounds"] == 7
        assert space.drawn(candidate) == drawn


def test_params_that_are_not_searched_are_as_the_family_proposes() -> None:
    space = Space(SearchSpec(), [made_family("first", proposed={"rounds": 55, "share": 0.9})], SHAPES)
    candidates = [space.candidate(0, drawn) for drawn in _some(space)]
    assert {one.params["rounds"] for one in candidates} == {55}
    assert len({one.params["share"] for one in candidates}) == len(candidates)


def test_a_person_narrows_fixes_and_opens_params() -> None:
    space = _space(
        first__share=ParamRange(low=0.2, high=0.3),
        first__kind=ParamRange(choices=("b", "c")),
        first__count=ParamRange(value=5),
        first__rounds=ParamRange(low=10, high=20),
    )
    candidates = [space.candidate(0, drawn) for drawn in _some(space, 60) if drawn[FAMILY] == "first"]
    assert all(0.2 <= one.params["share"] <= 0.3 for one in candidates)
    assert {one.params["kind"] for one in candidates} == {"b", "c"}
    assert {one.params["count"] for one in candidates} == {5}
    assert len({one.params["rounds"] for one in candidates}) > 1
    assert all(10 <= one.params["rounds"] <= 20 for one in candidates)


@pytest.mark.parametrize(
    ("name", "given_range", "said"),
    [
        ("first__nothing", ParamRange(value=1), "no param of a searched family"),
        ("third__share", ParamRange(value=1), "no param of a searched family"),
        ("first__share", ParamRange(high=2.0), "expected a value in"),
        ("first__share", ParamRange(choices=(0.1,)), "expected low and high, or a value"),
        ("first__kind", ParamRange(choices=("z",)), "expected one of"),
        ("first__kind", ParamRange(low=1), "expected choices among"),
        ("first__count", ParamRange(low=1.5), "expected a whole number"),
        ("first__count", ParamRange(value="x"), "expected a whole number"),
    ],
)
def test_a_range_that_cannot_be_is_refused(name: str, given_range: ParamRange, said: str) -> None:
    with pytest.raises(InvalidSpec, match=said):
        _space(**{name: given_range})


def test_nothing_to_search_is_refused() -> None:
    with pytest.raises(InvalidSpec, match="nothing to search"):
        Space(SearchSpec(), [made_family("empty", params=())], SHAPES)


def test_families_that_do_not_do_the_task_are_left_out() -> None:
    shapes = {
        view: DataShape(rows=9, features=2, task="binary", outputs=2) for view in ("tree", "linear", "deep")
    }
    with pytest.raises(InvalidSpec, match="nothing to search"):
        Space(SearchSpec(), [FIRST], shapes)


def test_a_candidate_outside_the_space_cannot_be_drawn() -> None:
    space = _space(first__share=ParamRange(low=0.2, high=0.3))
    assert space.drawn(Candidate(id="a", family="first", params={"share": 0.9})) is None
    assert space.drawn(Candidate(id="a", family="third")) is None
    inside = space.drawn(Candidate(id="a", family="first", params={"share": 0.25, "rounds": 1}))
    assert inside is not None
    assert inside["first.share"] == 0.25


def test_equal_models_have_equal_keys() -> None:
    space = _space()
    spelled = Candidate(id="a", family="first", params={"share": 0.5, "pace": 1.0})
    assert space.key(spelled) == space.key(Candidate(id="b", family="first"))
    assert space.key(spelled) != space.key(Candidate(id="b", family="second"))
    assert space.key(spelled) != space.key(Candidate(id="b", family="first", params={"share": 0.6}))


def test_a_log_scale_may_begin_at_nothing() -> None:
    param = Param(name="penalty", kind="float", default=0.0, low=0.0, high=100.0, log=True, help="")
    dial = Dial(param=param, low=0.0, high=100.0)
    assert dial.read(dial.write(0.0)) == 0.0
    assert dial.read(dial.at(0.0)) == 0.0
    assert dial.read(dial.at(0.5)) == pytest.approx(0.1)
    assert dial.read(dial.at(1.0)) == pytest.approx(100.0)


@given(place=st.floats(0.0, 1.0), which=st.sampled_from(["share", "pace", "kind", "count"]))
def test_a_place_and_what_is_drawn_there_belong_together(place: float, which: str) -> None:
    dial = _space().rooms["first"].dials[which]
    drawn = dial.at(place)
    assert dial.distribution._contains(dial.distribution.to_internal_repr(drawn))
    again = dial.at(dial.place(drawn))
    assert again == (drawn if dial.choices else pytest.approx(drawn))


def test_every_family_of_the_catalogue_can_be_searched() -> None:
    shape = DataShape(rows=4000, features=12, task="binary", outputs=2)
    space = Space(SearchSpec(), CATALOGUE, {"tree": shape, "linear": shape, "deep": shape})
    assert set(space.families) == {
        member.name
        for member in CATALOGUE
        if any(p.searched for p in member.params) and member.view != "pixels"
    }
    for number, drawn in enumerate(_some(space, 200)):
        candidate = space.candidate(number, drawn)
        assert space.drawn(candidate) == drawn
        room = space.rooms[candidate.family]
        assert complete(room.family.params, candidate.params, candidate.family) == dict(candidate.params)
