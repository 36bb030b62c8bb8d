"""Keras layers for rows of a table: choosing columns, looking up categories, silencing neurons cheaply."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf


class Columns(keras.layers.Layer):
    """Chooses columns: (rows, F) → (rows, columns)."""

    def __init__(self, columns: list[int]) -> None:
        super().__init__()
        self._chosen = columns

    def call(self, features: Any) -> Any:
        return tf.gather(features, self._chosen, axis=1)


class Embeddings(keras.layers.Layer):
    """One table for all index columns, each with its own rows: one look-up instead of one per column."""

    def __init__(self, columns: list[int], sizes: list[int], width: int, *, name: str) -> None:
        """sizes: cardinality of each of `columns`.   width: numbers that a category becomes."""
        super().__init__(name=name)
        self._chosen = columns
        self._offsets = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int32)
        self._width = width
        self.table = self.add_weight(
            shape=(int(sum(sizes)), width),
            initializer=keras.initializers.RandomNormal(stddev=0.1),
            name="table",
        )

    def call(self, features: Any) -> Any:
        index = tf.cast(tf.gather(features, self._chosen, axis=1), tf.int32) + self._offsets
        return tf.reshape(tf.gather(self.table, index), (-1, len(self._chosen) * self._width))


class Dropout(keras.layers.Layer):
    """Silences neurons by chance while training: one random byte each, a quarter of what Keras' own layer draws.

    The share is rounded to 1/256; what stays is made larger by as much, so that the mean stays.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self._silent = round(share * 256)
        self._seeds = keras.random.SeedGenerator()

    def call(self, values: Any, training: bool = False) -> Any:
        if not training:
            return values
        return values * mask(tf.shape(values)[0], values.shape[-1], self._silent, self._seeds.next())


def mask(rows: Any, width: int, silent: int, seed: Any) -> Any:
    """Return (rows, width) float32: 0 with probability silent/256, else 256 / (256 - silent)."""
    words = (width + 3) // 4
    drawn = tf.random.stateless_uniform((rows, words), seed, minval=None, maxval=None, dtype=tf.int32)
    bytes_ = tf.reshape(tf.bitcast(drawn, tf.uint8), (-1, words * 4))[:, :width]
    return tf.cast(bytes_ >= silent, tf.float32) * (256.0 / (256 - silent))
