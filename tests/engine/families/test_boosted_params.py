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


def test_more_classes_leave_fewer_rounds() -> None:
    rounds = [boosted_params.rounds(shape(classes), leaves=31) for classes in (3, 10, 500)]
    assert rounds == sorted(rounds, reverse=True)
    assert rounds[-1] >= 100


@pytest.mark.parametrize("leaves", [7, 31, 64])
def test_proposed_rounds_keep_the_file_small(leaves: int) -> None:
    rounds = boosted_params.rounds(shape(3), leaves=leaves)
    assert boosted_params.body_bytes(rounds * 3, leaves) <= boosted_params.PROPOSED_BODY_BYTES
