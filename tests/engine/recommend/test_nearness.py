"""Nearness: a set lies on itself, and another kind of question is further away."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.recommend.knowledge import read_knowledge
from engine.recommend.nearness import distances
from tests.engine.recommend.making import knowledge, meta


def test_every_shipped_set_is_nearest_to_itself() -> None:
    sets = read_knowledge().sets
    for place, one in enumerate(sets):
        apart = distances(one.meta, sets)
        assert apart[place] == 0.0 and int(np.argmin(apart)) == place


def test_two_sets_drawn_at_random_are_about_one_apart() -> None:
    sets = [one for one in read_knowledge().sets if one.meta.task == "binary"]
    apart = [
        distances(one.meta, sets)[place]
        for one in sets
        for place, other in enumerate(sets)
        if other is not one
    ]
    assert 0.6 < np.mean(apart) < 1.4


def test_another_kind_of_question_is_further_away() -> None:
    sets = knowledge().sets
    same, other = distances(meta(100), sets)[0], distances(meta(100, classes=3), sets)[0]
    assert other > same + 0.4


@given(st.integers(0, 10**12), st.integers(0, 10**6), st.integers(0, 10**6))
def test_distances_are_finite(rows: int, columns: int, classes: int) -> None:
    found = distances(meta(rows, columns, classes), knowledge().sets)
    assert np.isfinite(found).all() and (found >= 0).all()


def test_nothing_known_has_no_distance() -> None:
    assert len(distances(meta(), ())) == 0
