"""Keras' axes are found again where channels come first; errors name the layer."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from engine.families.bridges.layer_calls import TO_FIRST, TO_LAST, place_of, unknown, weight

pytestmark = pytest.mark.slow  # it loads TensorFlow


def test_axes_are_where_the_transposition_put_them() -> None:
    x = np.zeros((2, 3, 4, 5)).transpose(TO_FIRST)
    assert [x.shape[place_of(axis, 3)] for axis in range(4)] == [2, 3, 4, 5]
    assert [place_of(axis, 2) for axis in (0, 1, -1)] == [0, 1, 2]
    assert x.transpose(TO_LAST).shape == (2, 3, 4, 5)


def test_weights_come_in_double_precision() -> None:
    assert weight(keras.Variable([0.5, 2.0])).tolist() == [0.5, 2.0]
    assert weight(keras.ops.convert_to_tensor([1.0])).dtype == np.float64


def test_the_error_names_layer_and_reason() -> None:
    error = unknown(keras.layers.ReLU(name="odd"), "the slope")
    assert "`odd`" in error.message
    assert "the slope" in error.message
