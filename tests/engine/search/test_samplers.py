from __future__ import annotations

import pytest

from engine.search.samplers import Exhausted, Turn, grid_point, grid_size, known_of, own_point, point_of
from engine.search.space import FAMILY, Space, Values
from engine.specs.search import SamplerName, SearchSpec
from tests.engine.search.made_search import FIRST, SECOND, SHAPES

SPACE = Space(SearchSpec(), [FIRST, SECOND], SHAPES)
ROOM = SPACE.rooms["first"]


def _turn(number: int, known: list[tuple[Values, float]] | None = None, attempt: int = 0) -> Turn:
    return Turn(number=number, attempt=attempt, known=known or [], taken=lambda drawn: False, families=2)


def _point(sampler: SamplerName, number: int, known: list[tuple[Values, float]] | None = None) -> Values:
    drawn = own_point(SPACE, SearchSpec(sampler=sampler), _turn(number, known))
    assert drawn is not None
    return drawn


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_optuna_draws_for_its_own_samplers(sampler: SamplerName) -> None:
    assert own_point(SPACE, SearchSpec(sampler=sampler), _turn(0)) is None


@pytest.mark.parametrize("sampler", ["gp", "cmaes", "qmc"])
def test_chance_takes_over_where_all_was_tried(sampler: SamplerName) -> None:
    assert own_point(SPACE, SearchSpec(sampler=sampler), _turn(0, attempt=5)) is None


def test_an_even_spread_fills_every_eighth_of_every_range() -> None:
    points = [_point("qmc", number) for number in range(32)]
    assert [point[FAMILY] for point in points[:4]] == ["first", "second", "first", "second"]
    places, _ = known_of(ROOM, [(point, 0.0) for point in points])
    for at, dial in enumerate(ROOM.dials.values()):
        if dial.param.kind == "float":
            assert {int(8 * place) for place in places[:, at]} == set(range(8))


def test_a_grid_has_every_point_once() -> None:
    spec = SearchSpec(levels=3, seed=9)
    size = grid_size(ROOM, 3)
    assert size == 3**4
    points = [grid_point(ROOM, spec, row) for row in range(size)]
    assert len({str(point) for point in points}) == size
    assert {point["first.count"] for point in points} == {1, 5, 9}
    assert {round(point["first.pace"], 6) for point in points} == {0.001, 0.1, 10.0}


def test_a_grid_is_done_when_all_its_points_were_asked() -> None:
    turn = Turn(number=0, attempt=0, known=[], taken=lambda drawn: True)
    with pytest.raises(Exhausted, match="162 points"):
        own_point(SPACE, SearchSpec(sampler="grid"), turn)


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["gp", "cmaes"])
def test_the_better_family_gets_the_more_turns(sampler: SamplerName) -> None:
    known: list[tuple[Values, float]] = []
    for place in (0.1, 0.4, 0.6, 0.7, 0.9):
        known.append((point_of(SPACE.rooms["second"], [place] * 4), place))
        known.append((point_of(ROOM, [place] * 4), 5.0 + place))
    families = [_point(sampler, number, known)[FAMILY] for number in range(10, 18)]
    assert families.count("second") >= 4
    assert "first" in families
