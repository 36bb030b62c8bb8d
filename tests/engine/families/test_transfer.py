"""Trained networks are proposed where their weights are, and excused with one line where they are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.families import CATALOGUE
from engine.families.base import DataShape
from engine.families.trained_networks import BY_NAME
from engine.families.transfer import FAMILY, seconds
from engine.specs.params import complete
from engine.specs.training import TaskSpec
from engine.training.candidates import propose_candidates

SHAPE = DataShape(
    rows=500, features=3072, sample_shape=(32, 32, 3), task="binary", outputs=2, weights=("mobilenet_v2",)
)
USUAL = complete(FAMILY.params, {}, "transfer")


def test_it_comes_before_every_network_from_scratch() -> None:
    (proposal,) = FAMILY.proposes(SHAPE)
    others = [
        one
        for member in CATALOGUE
        if member.view == "pixels" and member is not FAMILY
        for one in member.proposes(SHAPE)
    ]
    assert proposal.order < min(other.order for other in others)
    assert proposal.params == {"network": "mobilenet_v2"}


def test_the_first_two_networks_with_weights_are_proposed() -> None:
    proposals = FAMILY.proposes(replace(SHAPE, weights=("mobilenet_v2_035", "resnet50", "mobilenet_v2")))
    assert [one.name for one in proposals] == ["mobilenet-v2", "resnet50"]
    assert 10.0 < proposals[0].needs_s < proposals[1].needs_s
    assert seconds(replace(SHAPE, rows=5_000), "resnet50") > 5 * seconds(SHAPE, "mobilenet_v2") / 2


def test_without_weights_one_line_says_what_to_do() -> None:
    bare = replace(SHAPE, weights=())
    task = TaskSpec(target="label", task="binary", metric="accuracy", classes=("a", "b"), reason="")
    _, declined = propose_candidates(task, {"pixels": bare}, time_limit_s=600.0)
    reasons = {one.family: one.reason for one in declined}
    assert FAMILY.proposes(bare) == ()
    assert reasons["transfer"] == (
        "There are no weights for MobileNetV2. An administrator can add them with `aimass weights add`."
    )


def test_tables_never_hear_of_it() -> None:
    table = DataShape(rows=500, features=9, task="binary", outputs=2, weights=tuple(BY_NAME))
    task = TaskSpec(target="y", task="binary", metric="accuracy", classes=("a", "b"), reason="")
    _, declined = propose_candidates(task, {"tree": table}, time_limit_s=600.0)
    assert "transfer" not in {one.family for one in declined}


@pytest.mark.parametrize(("side", "enlarge"), [(16, 1), (300, 2)])
def test_sizes_that_the_networks_do_not_take_are_refused(side: int, enlarge: int) -> None:
    shape = replace(SHAPE, sample_shape=(side, side, 3))
    reason = FAMILY.refuses(shape, {**USUAL, "enlarge": enlarge})
    assert reason is not None
    assert "32 to 512" in reason
