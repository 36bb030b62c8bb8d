"""Views, keys and labels of fitted chains."""

from __future__ import annotations

import pytest

from engine.errors import InvalidSpec
from engine.specs.features import Feature, FeaturePlan, Step
from engine.specs.schema import Column
from engine.transforms.chain import fitted, labels_of, prefix_key, prefix_sql, unique_labels, view_features

FILLED = Step(transform="impute", params={"strategy": "constant", "fill": 1.0}, state={"fill": 1.0})
BARE = Step(transform="impute", params={"strategy": "constant", "fill": 1.0})
ONE_HOT = Step(
    transform="one_hot",
    params={"top": 30, "least": 2},
    state={"keys": ["a", "b"], "other": False, "missing": False},
)
COLUMN = Column(name="c", source_name="c", physical="double", semantic="number")


def _feature(name: str, *steps: Step) -> Feature:
    return Feature(name=name, column="c", steps=steps)


def test_a_view_is_found_or_refused() -> None:
    plan = FeaturePlan(columns=(), views={"tree": (_feature("f"),), "deep": ()})
    assert view_features(plan, "tree") == (_feature("f"),)
    with pytest.raises(InvalidSpec, match=r"no view 'forest'.*'deep', 'tree'"):
        view_features(plan, "forest")
    with pytest.raises(InvalidSpec, match="'deep' of the feature plan has no features"):
        view_features(plan, "deep")


def test_a_step_without_a_state_is_refused_with_its_feature() -> None:
    owner, state = fitted(FILLED, _feature("f", FILLED))
    assert (owner.name, state) == ("impute", {"fill": 1.0})
    with pytest.raises(InvalidSpec, match="'impute' of feature 'f' has no state"):
        fitted(BARE, _feature("f", BARE))


def test_steps_are_nested_in_sql() -> None:
    raw = prefix_sql(_feature("f"), COLUMN, [])
    once = prefix_sql(_feature("f"), COLUMN, [FILLED])
    twice = prefix_sql(_feature("f"), COLUMN, [FILLED, Step(transform="log", state={})])
    assert raw in once
    assert once in twice


def test_a_key_tells_columns_params_and_states_apart() -> None:
    other = Step(transform="impute", params=BARE.params, state={"fill": 2.0})
    assert prefix_key("c", [FILLED], with_state=False) == prefix_key("c", [other], with_state=False)
    assert prefix_key("c", [FILLED], with_state=True) != prefix_key("c", [other], with_state=True)
    assert prefix_key("c", [FILLED], with_state=True) != prefix_key("d", [FILLED], with_state=True)
    assert prefix_key("c", [], with_state=True) != prefix_key("c", [FILLED], with_state=True)


def test_labels_name_the_feature_and_what_its_last_step_adds() -> None:
    assert labels_of(_feature("age")) == ("age",)
    assert labels_of(_feature("age", FILLED)) == ("age",)
    assert labels_of(_feature("city", ONE_HOT)) == ("city=a", "city=b")


def test_a_label_that_stands_twice_gets_a_number_nobody_has() -> None:
    features = [_feature("x"), _feature("x~2"), _feature("x"), _feature("city", ONE_HOT), _feature("city=a")]
    assert unique_labels(features) == ("x", "x~2", "x~3", "city=a", "city=b", "city=a~2")
