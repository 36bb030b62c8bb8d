"""What is tried suits data and time; what is left out is told."""

from __future__ import annotations

import pytest

from engine.errors import BadCommand, InvalidSpec
from engine.families import CATALOGUE, family
from engine.families.base import DataShape
from engine.specs.features import TABLE_VIEWS, Feature, FeaturePlan, ViewName
from engine.specs.training import Candidate, TaskSpec
from engine.training.candidates import propose_candidates, title_of, views_read

TASK = TaskSpec(target="y", task="binary", metric="roc_auc", classes=("no", "yes"))


def shapes(rows: int, features: int = 20) -> dict[ViewName, DataShape]:
    shape = DataShape(rows=rows, features=features, task="binary", outputs=2)
    return dict.fromkeys(TABLE_VIEWS, shape)


def pictures(rows: int) -> dict[ViewName, DataShape]:
    side = (32, 32, 3)
    return {
        "pixels": DataShape(rows=rows, features=3072, sample_shape=side, task="binary", outputs=2),
    }


def test_the_yardsticks_come_first_and_the_best_bet_early() -> None:
    candidates, _ = propose_candidates(TASK, shapes(5_000), time_limit_s=120.0)
    names = [candidate.family for candidate in candidates]
    assert names[:2] == ["baseline", "linear"]
    assert names.index("lightgbm") < names.index("random_forest")
    assert len({candidate.id for candidate in candidates}) == len(candidates)


def test_every_family_is_tried_or_told_why_not() -> None:
    candidates, refusals = propose_candidates(TASK, shapes(2_000_000), time_limit_s=60.0)
    tried = {candidate.family for candidate in candidates}
    told = {refusal.family for refusal in refusals}
    assert tried | told == {member.name for member in CATALOGUE if member.view_among(tuple(shapes(1)))}
    assert not tried & told
    assert all(refusal.reason.endswith(".") for refusal in refusals)


def test_little_time_leaves_the_slow_ones_out() -> None:
    short, refusals = propose_candidates(TASK, shapes(20_000), time_limit_s=3.0)
    long, _ = propose_candidates(TASK, shapes(20_000), time_limit_s=600.0)
    assert {c.id for c in short} < {c.id for c in long}
    assert any("3 s are left" in refusal.reason for refusal in refusals)


def test_a_slow_start_counts_once_and_what_has_one_comes_last() -> None:
    """Five folds and a network for a small table: loading its library takes longer than all of its training."""
    ample, _ = propose_candidates(TASK, shapes(700), time_limit_s=600.0, trainings=6)
    some, _ = propose_candidates(TASK, shapes(700), time_limit_s=42.0, trainings=6)
    tight, _ = propose_candidates(TASK, shapes(700), time_limit_s=25.0, trainings=6)
    short, refusals = propose_candidates(TASK, shapes(700), time_limit_s=15.0, trainings=6)
    assert ample[-1].family != "tabm" and "tabm" in {candidate.family for candidate in ample}
    assert [one.family for one in some].index("tabm") > [one.family for one in some].index("extra_trees")
    assert some[-1].family != "tabm", "a third of the time is little"
    assert tight[-1].family == "tabm"
    assert "tabm" not in {candidate.family for candidate in short}
    assert "tabm" in {refusal.family for refusal in refusals}


def test_families_asked_for_are_tried_whatever_the_time() -> None:
    candidates, refusals = propose_candidates(TASK, shapes(200), time_limit_s=1.0, families=["mlp", "svm"])
    assert {candidate.family for candidate in candidates} == {"mlp", "svm"}
    assert refusals == ()


def test_a_table_is_not_excused_for_having_no_pictures_unless_they_were_asked_for() -> None:
    _, refusals = propose_candidates(TASK, shapes(200), time_limit_s=60.0, families=["resnet", "linear"])
    assert [refusal.family for refusal in refusals] == ["resnet"]
    assert "reads pictures, which this data does not have" in refusals[0].reason


def test_pictures_get_networks_for_pictures_and_the_baseline() -> None:
    candidates, refusals = propose_candidates(TASK, pictures(1000), time_limit_s=3600.0)
    families = {candidate.family for candidate in candidates} | {refusal.family for refusal in refusals}
    assert families == {member.name for member in CATALOGUE if member.view == "pixels"} | {"baseline"}


def test_one_model_is_tried_however_little_time_there_is() -> None:
    candidates, _ = propose_candidates(TASK, pictures(1_000_000), time_limit_s=5.0)
    assert len(candidates) == 2
    assert candidates[0].family == "baseline"


def test_only_views_that_some_family_reads_are_made() -> None:
    feature = Feature(name="a", column="a", steps=())
    plan = FeaturePlan(columns=(), views={"tree": (feature,), "linear": (feature,), "deep": ()})
    assert views_read([family("lightgbm"), family("mlp")], plan) == ("tree",)
    with pytest.raises(InvalidSpec, match="No model family that was asked for"):
        views_read([family("mlp")], plan)


def test_an_unknown_family_is_refused_with_the_names() -> None:
    with pytest.raises(BadCommand, match="nearest_neighbours"):
        propose_candidates(TASK, shapes(200), time_limit_s=1.0, families=["knn"])


@pytest.mark.parametrize(
    ("candidate", "family", "title"),
    [
        ("linear", "linear", "Linear model"),
        ("lightgbm-deep", "lightgbm", "Gradient-boosted trees (LightGBM) · larger trees"),
        ("lightgbm-all-rows", "lightgbm", "Gradient-boosted trees (LightGBM) · all rows"),
        (
            "lightgbm-deep-all-rows", "lightgbm",
            "Gradient-boosted trees (LightGBM) · larger trees · all rows",
        ),
        ("lightgbm-t12", "lightgbm", "Gradient-boosted trees (LightGBM) · trial 12"),
        ("lightgbm-t3-all-rows", "lightgbm", "Gradient-boosted trees (LightGBM) · trial 3 · all rows"),
        ("gone-fast", "gone", "gone · fast"),
    ],
)  # fmt: skip
def test_candidates_of_one_family_are_told_apart(candidate: str, family: str, title: str) -> None:
    assert title_of(candidate, family) == title


def test_what_was_set_by_hand_holds_for_every_proposal_of_the_family() -> None:
    plain, _ = propose_candidates(TASK, shapes(5_000), time_limit_s=600.0)
    candidates, _ = propose_candidates(TASK, shapes(5_000), time_limit_s=600.0, params={"lightgbm.l1": 7.0})
    assert [one.id for one in candidates] == [one.id for one in plain]
    assert {one.params["l1"] for one in candidates if one.family == "lightgbm"} == {7.0}
    assert [one for one in candidates if one.family != "lightgbm"] == [
        one for one in plain if one.family != "lightgbm"
    ]


def test_proposals_that_differ_no_more_are_tried_once() -> None:
    plain, _ = propose_candidates(TASK, shapes(700), time_limit_s=600.0, families=["svm"])
    fixed, _ = propose_candidates(
        TASK, shapes(700), time_limit_s=600.0, families=["svm"], params={"svm.cost": 3.0, "svm.reach": 2.0}
    )
    assert len(plain) == 2 and [one.params for one in fixed] == [{"cost": 3.0, "reach": 2.0}]


def test_what_takes_next_to_no_time_is_tried_right_after_the_best_bet() -> None:
    few, _ = propose_candidates(TASK, shapes(700), time_limit_s=45.0, trainings=6)
    many, _ = propose_candidates(TASK, shapes(9_000), time_limit_s=45.0, trainings=6)

    def families(candidates: tuple[Candidate, ...]) -> list[str]:
        return list(dict.fromkeys(one.family for one in candidates))

    for name in ("svm", "nearest_neighbours"):
        assert families(few).index("lightgbm") < families(few).index(name) < families(few).index("catboost")
        assert name not in families(many) or families(many).index(name) > families(many).index("catboost")
