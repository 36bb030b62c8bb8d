"""Keras behind the neural network: streamed batches, a callback that obeys the clock, weights for ONNX."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from engine.errors import WorkFailed
from engine.families.base import Budget, FeatureRows, Floats, Progress, TrainingData
from engine.families.bridges.network_body import NetworkWeights, add_network
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.sampling import log_loss, squared_loss, validation_arrays
from engine.families.targets import Target, read_target, softmax
from engine.transforms.graph import Graph

#: Rows between two looks at the validation rows, where one pass over the data is longer.
_ROWS_PER_EPOCH = 500_000
_TARGET_ROWS = 1_000_000
_VALIDATION_ROWS = 20_000
_WARM_UP = 0.05
#: Rows that cross from Python to TensorFlow at once: a crossing costs about a millisecond.
_BLOCK_ROWS = 16_384


def fit_network(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress
) -> FittedModel:
    """Train until validation rows stop improving or the time is over; keep the best weights.

    Raises: WorkFailed when TensorFlow cannot train it.
    """
    _use_threads(data.threads)
    keras.utils.set_random_seed(data.seed)
    _, y = data.train.arrays(_TARGET_ROWS)
    target = read_target(y, data.task, data.outputs, standardise=True)
    if target.classes == 1:
        width = len(data.train.columns)
        return constant_model(target.decode(np.ones((1, 1)))[0], rows=len(y), features=width)
    batch = min(params["batch_size"], max(32, 2 ** int(math.log2(max(1, data.train.rows // 20)))))
    model = build_network(params, data.train, target)
    steps = max(1, min(data.train.rows, _ROWS_PER_EPOCH) // batch)
    x_valid, y_valid = validation_arrays(data, _VALIDATION_ROWS)
    watch = _Watch(params, target, (x_valid, y_valid), budget, progress)
    try:
        model.fit(
            stream(data.train, target, batch, data.seed),
            epochs=params["passes"],
            steps_per_epoch=steps,
            callbacks=[watch],
            verbose=0,
            shuffle=False,
        )
    except tf.errors.OpError as error:
        raise WorkFailed(
            f"TensorFlow could not train the network: {str(error)[:200]}",
            remedy="Make the network smaller, or leave it out with --families.",
        ) from error
    if watch.best_weights is not None:
        model.set_weights(watch.best_weights)
    return _fitted(model, target, data, watch)


def build_network(params: Mapping[str, Any], rows: FeatureRows, target: Target) -> keras.Model:
    """Return the compiled network: features (N, F) float32 → logits (N, classes) or the value (N, 1)."""
    width = len(rows.columns)
    indices = sorted(rows.cardinalities)
    numbers = [i for i in range(width) if i not in rows.cardinalities]
    features = keras.Input((width,), name="features")
    parts = []
    if numbers:
        parts.append(_Columns(numbers)(features))
    if indices:
        sizes = [rows.cardinalities[i] for i in indices]
        parts.append(_Embeddings(indices, sizes, params["embedding"], name="embeddings")(features))
    hidden = keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    penalty = keras.regularizers.L1L2(l1=params["l1"], l2=params["l2"])
    for depth in range(params["layers"]):
        hidden = keras.layers.Dense(params["width"], kernel_regularizer=penalty, name=f"dense_{depth}")(
            hidden
        )
        if params["batch_norm"]:
            hidden = keras.layers.BatchNormalization(momentum=0.9, name=f"norm_{depth}")(hidden)
        hidden = keras.layers.Activation("relu")(hidden)
        if params["dropout"] > 0:
            hidden = keras.layers.Dropout(params["dropout"])(hidden)
    model = keras.Model(features, keras.layers.Dense(target.width, name="answer")(hidden))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True) if target.classes else "mse"
    optimizer = keras.optimizers.AdamW(
        params["learning_rate"], weight_decay=1e-4, clipnorm=params["clip_norm"] or None
    )
    model.compile(optimizer, loss=loss, jit_compile=False, steps_per_execution=4)
    return model


def stream(rows: FeatureRows, target: Target, batch: int, seed: int) -> tf.data.Dataset:
    """Return endless shuffled whole batches: features (batch, F) float32, target (batch,) float32."""

    block = batch * max(1, _BLOCK_ROWS // batch)

    def generate() -> Iterator[tuple[Floats, Floats]]:
        turn = seed
        while True:
            for x, y in rows.batches(block, seed=turn):
                yield x, target.encode(y).astype(np.float32)
            turn += 1

    signature = (
        tf.TensorSpec((None, len(rows.columns)), tf.float32),
        tf.TensorSpec((None,), tf.float32),
    )
    blocks = tf.data.Dataset.from_generator(generate, output_signature=signature)
    # Rows left over from a block go to the next one: every batch is whole, which batch normalisation needs.
    return blocks.rebatch(batch, drop_remainder=True).prefetch(8)


class _Columns(keras.layers.Layer):
    """Chooses columns."""

    def __init__(self, columns: list[int]) -> None:
        super().__init__()
        self._chosen = columns

    def call(self, features: Any) -> Any:
        return tf.gather(features, self._chosen, axis=1)


class _Embeddings(keras.layers.Layer):
    """One table for all index columns, each with its own rows: one look-up instead of one per column."""

    def __init__(self, columns: list[int], sizes: list[int], width: int, *, name: str) -> None:
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


class _Watch(keras.callbacks.Callback):
    """Obeys the clock, sets the learning rate, keeps the best weights and stops when nothing gets better."""

    def __init__(
        self,
        params: Mapping[str, Any],
        target: Target,
        valid: tuple[Floats, Doubles],
        budget: Budget,
        progress: Progress,
    ) -> None:
        super().__init__()
        self._params = params
        self._target = target
        self._x, self._codes = valid[0], target.encode(valid[1])
        self._budget = budget
        self._report = progress
        self._after_first = budget.left_s
        self._best = math.inf
        self.best_epoch = -1
        self.best_weights: list[Floats] | None = None
        self.curve: list[tuple[float, float, float]] = []
        self.stopped = "converged"

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.model.optimizer.learning_rate.assign(self._params["learning_rate"] * self._rate(epoch))

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self._budget.is_spent:
            self.model.stop_training = True
            self.stopped = "time"

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        train = float((logs or {}).get("loss", math.nan))
        valid = self._loss() if len(self._x) else train
        self.curve.append((float(epoch + 1), train, valid))
        self._report((epoch + 1) / self._params["passes"], train, valid)
        if valid < self._best:
            self._best, self.best_epoch = valid, epoch
            self.best_weights = self.model.get_weights()
        elif epoch - self.best_epoch >= self._params["patience"]:
            self.model.stop_training = True
            self.stopped = "early"

    def _rate(self, epoch: int) -> float:
        """Share of the full learning rate after `epoch` passes of those that there is time for.

        The clock counts only where it allows fewer passes than asked for: else equal seeds give equal models.
        """
        done = min(1.0, epoch / self._affordable(epoch))
        if self._params["schedule"] == "constant":
            return 1.0
        if self._params["schedule"] == "exponential":
            return 0.01**done
        warm = min(1.0, (done + 1.0 / self._params["passes"]) / _WARM_UP)
        return warm * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * done)))

    def _affordable(self, epoch: int) -> float:
        """Passes in all that passes or time allow; the first pass is not measured, it compiles."""
        if epoch == 1:
            self._after_first = self._budget.left_s
        if epoch < 2:
            return float(self._params["passes"])
        per_pass = (self._after_first - self._budget.left_s) / (epoch - 1)
        return max(1.0, min(self._params["passes"], epoch + self._budget.left_s / max(per_pass, 1e-6)))

    def _loss(self) -> float:
        answer = self.model.predict_on_batch(self._x).astype(np.float64)
        if self._target.classes:
            return log_loss(self._codes, softmax(answer))
        return squared_loss(self._codes, answer)


def _fitted(model: keras.Model, target: Target, data: TrainingData, watch: _Watch) -> FittedModel:
    weights = _read_weights(model, data.train)

    def native(x: Floats) -> Doubles:
        answer = model.predict_on_batch(x).astype(np.float64)
        return target.decode(softmax(answer) if target.classes else answer)

    def nodes(graph: Graph, x: str) -> str:
        answer = add_network(graph, x, weights)
        return target.decode_nodes(graph, graph.node("Softmax", answer, axis=1) if target.classes else answer)

    return FittedModel(
        native=native,
        nodes=nodes,
        rows=data.train.rows,
        features=len(data.train.columns),
        outputs=target.outputs,
        stopped=watch.stopped,
        curve=tuple(watch.curve),
        notes={"passes": watch.best_epoch + 1, "weights": int(model.count_params())},
    )


def _read_weights(model: keras.Model, rows: FeatureRows) -> NetworkWeights:
    """Fold batch normalisation into the dense layers before it: it is linear once training is over."""
    names = {layer.name for layer in model.layers}
    layers: list[tuple[Doubles, Doubles]] = []
    depth = 0
    while f"dense_{depth}" in names:
        kernel, bias = (np.asarray(w, np.float64) for w in model.get_layer(f"dense_{depth}").get_weights())
        if f"norm_{depth}" in names:
            norm = model.get_layer(f"norm_{depth}")
            gamma, beta, mean, variance = (np.asarray(w, np.float64) for w in norm.get_weights())
            factor = gamma / np.sqrt(variance + norm.epsilon)
            kernel, bias = kernel * factor, (bias - mean) * factor + beta
        layers.append((kernel, bias))
        depth += 1
    kernel, bias = (np.asarray(w, np.float64) for w in model.get_layer("answer").get_weights())
    table = model.get_layer("embeddings").get_weights()[0] if "embeddings" in names else None
    return NetworkWeights(
        columns=len(rows.columns),
        cardinalities=dict(rows.cardinalities),
        table=table,
        layers=(*layers, (kernel, bias)),
    )


def _use_threads(threads: int) -> None:
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(max(1, threads // 2))
    except RuntimeError:
        # TensorFlow has already started in this process and keeps the threads of the first network.
        return
