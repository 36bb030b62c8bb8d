"""Knowledge: what is shipped can be read, JSON and back is the same, and what cannot be reckoned with is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import InvalidSpec
from engine.recommend.knowledge import SHIPPED, Knowledge, Measure, check, read_knowledge
from engine.specs.codec import from_json, to_json
from tests.engine.recommend.making import knowledge


def test_what_is_shipped_is_whole_and_small() -> None:
    found = read_knowledge()
    assert SHIPPED.stat().st_size < 300_000
    assert len(found.sets) >= 30
    assert {one.meta.task for one in found.sets} == {"binary", "multiclass", "regression"}
    assert all("baseline" not in one.measures and len(one.measures) >= 15 for one in found.sets)
    assert all(one.best >= one.guess.score for one in found.sets)


def test_json_and_back_is_the_same(tmp_path: Path) -> None:
    made = knowledge()
    file = tmp_path / "knowledge.json"
    file.write_text(json.dumps(to_json(made)), encoding="utf-8")
    assert read_knowledge(file) == made == from_json(Knowledge, to_json(made))


@pytest.mark.parametrize(
    "broken",
    [
        replace(knowledge(), version=2),
        replace(knowledge(), effort_s=0.0),
        replace(knowledge(), sets=knowledge().sets[:1] * 2),
        replace(
            knowledge(),
            sets=(
                replace(
                    knowledge().sets[0], measures={"svm": Measure(score=float("nan"), decider=0, seconds=1)}
                ),
            ),
        ),
        replace(
            knowledge(),
            sets=(replace(knowledge().sets[0], measures={"svm": Measure(score=1.5, decider=0, seconds=1)}),),
        ),
    ],
    ids=["another version", "no effort", "a name twice", "not a number", "better than perfect"],
)
def test_what_cannot_be_reckoned_with_is_refused(broken: Knowledge) -> None:
    with pytest.raises(InvalidSpec, match="Expected"):
        check(broken)


def test_a_set_left_out_is_gone() -> None:
    made = knowledge()
    left = made.without("small 1")
    assert [one.name for one in left.sets] == [one.name for one in made.sets if one.name != "small 1"]
