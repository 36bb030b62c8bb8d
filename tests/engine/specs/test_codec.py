"""Every spec survives JSON, and a wrong JSON is refused by the name of the field."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import InvalidSpec
from engine.specs import bundle, dataset, evaluation, features, profile, report, run, schema, split, training
from engine.specs.codec import from_json, to_json
from engine.specs.schema import Column, NumberText, Schema

MODULES = (bundle, dataset, evaluation, features, profile, report, run, schema, split, training)
NOT_JSON = {run.RunPaths}  # names the files of a run folder; is never written
SPECS = sorted(
    {
        kind
        for module in MODULES
        for kind in vars(module).values()
        if dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__ and kind not in NOT_JSON
    },
    key=lambda kind: (kind.__module__, kind.__name__),
)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=8),
    int: st.integers(-10, 10),
    float: FINITE,
    bool: st.booleans(),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", SPECS, ids=lambda kind: kind.__name__)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_spec_survives_json(kind: type[Any], data: st.DataObject) -> None:
    spec = data.draw(_strategy(kind))
    text = json.dumps(to_json(spec), allow_nan=False)
    assert from_json(kind, json.loads(text)) == spec


@pytest.mark.parametrize("value", [None, True, 3, 0.5, "text", [], [1, 2]], ids=repr)
def test_anything_but_an_object_is_refused_by_name(value: object) -> None:
    for kind in SPECS:
        with pytest.raises(InvalidSpec, match=kind.__name__):
            from_json(kind, value)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SPECS, ids=lambda kind: kind.__name__)
def test_an_unknown_field_is_refused(kind: type[Any]) -> None:
    with pytest.raises(InvalidSpec, match="no_such_field"):
        from_json(kind, {"no_such_field": 1})


COLUMN = to_json(Column(name="age", source_name="Age", physical="double", semantic="number"))


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"name": 7}, "schema.columns[0].name", "str"),
        ({"physical": "float16"}, "schema.columns[0].physical", "int64"),
        ({"trim": 1}, "schema.columns[0].trim", "bool"),
        ({"missing_tokens": "NA"}, "schema.columns[0].missing_tokens", "a list"),
        ({"missing_tokens": ["NA", 3]}, "schema.columns[0].missing_tokens[1]", "str"),
        ({"number_text": {"unit": "km"}}, "schema.columns[0].number_text", "share"),
        ({"number_text": {"unit": "km", "share": "much"}}, "schema.columns[0].number_text.share", "float"),
        ({"datetime_format": 5}, "schema.columns[0].datetime_format", "str"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(
    change: dict[str, Any], field: str, expected: str
) -> None:
    with pytest.raises(InvalidSpec) as caught:
        from_json(Schema, {"columns": [COLUMN | change]}, "schema")
    assert f"`{field}`" in caught.value.message
    assert expected in caught.value.message
    assert field in caught.value.remedy


def test_a_missing_field_is_named() -> None:
    with pytest.raises(InvalidSpec, match=r"`Column`.*'semantic'"):
        from_json(Column, {key: value for key, value in COLUMN.items() if key != "semantic"})


def test_a_whole_number_will_do_for_a_float_but_no_boolean_does() -> None:
    assert from_json(NumberText, {"unit": "", "share": 1}) == NumberText(unit="", share=1.0)
    with pytest.raises(InvalidSpec, match="share"):
        from_json(NumberText, {"unit": "", "share": True})


def test_a_boolean_is_no_whole_number() -> None:
    with pytest.raises(InvalidSpec, match="version"):
        from_json(Schema, {"columns": [], "version": True})


def test_fields_with_defaults_may_be_left_out() -> None:
    lean = {key: COLUMN[key] for key in ("name", "source_name", "physical", "semantic")}
    assert to_json(from_json(Column, lean)) == COLUMN


def _strategy(kind: Any) -> st.SearchStrategy[Any]:
    """Values of any annotation that the codec can read."""
    if kind in PLAIN:
        return PLAIN[kind]
    if kind in (Any, object):
        return st.integers() | st.text(max_size=4)
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        fields = {
            f.name: st.deferred(lambda hint=hints[f.name]: _strategy(hint)) for f in dataclasses.fields(kind)
        }
        return st.builds(kind, **fields)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([st.none() if option is type(None) else _strategy(option) for option in inner])
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is tuple and inner[-1] is Ellipsis:
        return st.lists(_strategy(inner[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(_strategy, inner))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return st.dictionaries(_strategy(inner[0]), _strategy(inner[1]), max_size=2)
    raise TypeError(f"no strategy for {kind}")
