"""The layers choose, look up and silence as they say."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from engine.families.bridges.network_layers import Columns, Dropout, Embeddings, mask

pytestmark = pytest.mark.slow


def test_columns_are_chosen() -> None:
    assert Columns([2, 0])(tf.constant([[1.0, 2.0, 3.0]])).numpy().tolist() == [[3.0, 1.0]]


def test_each_column_has_rows_of_its_own_in_the_table() -> None:
    layer = Embeddings([0, 1], [2, 3], 4, name="table")
    table = layer.table.numpy()
    found = layer(tf.constant([[1.0, 2.0]])).numpy()
    assert found == pytest.approx(np.concatenate((table[1], table[4]))[None, :])


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_share_is_silenced_and_the_mean_stays(share: float) -> None:
    silenced = Dropout(share)(tf.ones((1_000, 33)), training=True).numpy()
    assert (silenced == 0.0).mean() == pytest.approx(share, abs=0.02)
    assert silenced.mean() == pytest.approx(1.0, abs=0.02)
    assert (Dropout(share)(tf.ones((10, 3))).numpy() == 1.0).all()


def test_equal_seeds_silence_alike() -> None:
    first, again, other = (mask(50, 7, 64, (seed, 0)).numpy() for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
