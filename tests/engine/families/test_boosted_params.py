"""The size of boosted trees is known before training, and proposals keep it small."""

from __future__ import annotations

import pytest

from engine.families import boosted_params
from engine.families.base import DataShape


def shape(classes: int) -> DataShape:
    return DataShape(rows=5_000, features=10, task="multiclass", outputs=classes)


def test_trees_too_large_to_publish_are_refused_with_their_size() -> None:
    reason = boosted_params.refuse(20_000, leaves=512)
    assert reason is not None
    assert "20,000 trees of 512 leaves" in reason
    assert boosted_params.refuse(1_000, leaves=64) is None


def test_more_classes_leave_fewer_rounds_and_larger_steps() -> None:
    paces = [boosted_params.pace(shape(classes), 31, 0.05) for classes in (3, 10, 500)]
    rounds, rates = [pace["rounds"] for pace in paces], [pace["learning_rate"] for pace in paces]
    assert rounds == sorted(rounds, reverse=True)
    assert rates == sorted(rates)
    assert rounds[-1] >= 100
    assert rates[-1] <= 0.15


@pytest.mark.parametrize("leaves", [7, 31, 63])
def test_proposed_rounds_keep_the_file_small(leaves: int) -> None:
    pace = boosted_params.pace(shape(3), leaves, 0.05)
    size = boosted_params.body_bytes(int(pace["rounds"]) * 3, leaves)
    assert size <= boosted_params.PROPOSED_BODY_BYTES


def test_a_tree_for_all_classes_is_counted_once() -> None:
    apart, joint = (boosted_params.pace(shape(3), 63, 0.05, is_joint=joint) for joint in (False, True))
    assert joint["rounds"] > 2 * apart["rounds"]


def test_few_features_are_all_looked_at() -> None:
    few = DataShape(rows=500, features=4, task="regression", outputs=1)
    assert boosted_params.column_share(few, 0.5) == 1.0
    assert boosted_params.column_share(shape(3), 0.5) == 0.5
