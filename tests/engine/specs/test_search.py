from __future__ import annotations

from typing import Any

import pytest

from engine.errors import InvalidSpec
from engine.specs.codec import from_json, to_json
from engine.specs.search import SAMPLERS, ParamRange, SearchSpec, TrialRecord
from engine.specs.training import Candidate


def test_a_spec_survives_json() -> None:
    spec = SearchSpec(
        sampler="gp",
        families=("lightgbm",),
        trials=5,
        seconds=1.5,
        ranges={
            "lightgbm.leaves": ParamRange(low=4, high=9),
            "mlp.schedule": ParamRange(choices=("cosine",)),
        },
    )
    assert from_json(SearchSpec, to_json(spec)) == spec


def test_a_trial_survives_json() -> None:
    record = TrialRecord(
        number=3,
        candidate=Candidate(id="a-t3", family="a", params={"x": 0.1}),
        state="pruned",
        steps=((1, 0.5), (3, 0.25)),
        order=7,
    )
    assert from_json(TrialRecord, to_json(record)) == record


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sampler": "best"}, "`sampler`: expected one of"),
        ({"pruner": "late"}, "`pruner`: expected one of"),
        ({"families": ()}, "`families`: expected at least one"),
        ({"trials": 0}, "`trials`: expected a whole number of at least 1"),
        ({"patience": 1.5}, "`patience`: expected a whole number"),
        ({"seconds": 0.0}, "`seconds`: expected a number above 0"),
        ({"seconds": float("nan")}, "`seconds`: expected a number above 0"),
        ({"reduction": 1}, "`reduction`: expected a whole number of at least 2"),
        ({"seed": -1}, "`seed`: expected"),
        ({"ranges": {"leaves": ParamRange(low=1)}}, "expected names like family.param"),
        ({"ranges": {"a.b": ParamRange()}}, "expected either a value, or choices, or low and high"),
        ({"ranges": {"a.b": ParamRange(low=1, value=2)}}, "expected either a value, or choices"),
        ({"ranges": {"a.b": ParamRange(low=3, high=2)}}, "expected low ≤ high"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_searched_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidSpec, match=said.replace("(", r"\(")):
        SearchSpec(**fields).check()


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(InvalidSpec) as caught:
        from_json(SearchSpec, {"trials": 0, "patience": 0, "levels": 1}).check()
    assert all(name in caught.value.message for name in ("trials", "patience", "levels"))


def test_every_sampler_can_be_asked_for() -> None:
    asked = [from_json(SearchSpec, {"sampler": name}) for name in SAMPLERS]
    for spec in asked:
        spec.check()
    assert [spec.sampler for spec in asked] == list(SAMPLERS)
