"""Keras behind the neural network: layers, one training loop for all networks, weights for ONNX."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from engine.families.base import Budget, FeatureRows, Floats, Progress, TrainingData
from engine.families.bridges.network_body import NetworkWeights, add_network
from engine.families.bridges.network_layers import Columns, Dropout, Embeddings
from engine.families.bridges.network_steps import Network, Recipe
from engine.families.bridges.network_training import Training, use_threads
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.sampling import training_arrays
from engine.families.targets import Target, read_target
from engine.transforms.graph import Graph

_TARGET_ROWS = 1_000_000
_WEIGHT_DECAY = 1e-4
#: Rows × passes from which on compiled steps win back the three seconds that compiling takes.
_COMPILED_ROWS = 4_000_000


def fit_network(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress
) -> FittedModel:
    """Train until validation rows stop improving or the time is over; keep the best weights.

    Raises: WorkFailed when TensorFlow cannot train it.
    """
    use_threads(data.threads)
    keras.utils.set_random_seed(data.seed)
    _, y = training_arrays(data, _TARGET_ROWS)
    target = read_target(y, data.task, data.outputs, standardise=True)
    if target.classes == 1:
        width = len(data.train.columns)
        return constant_model(target.decode(np.ones((1, 1)))[0], rows=len(y), features=width)
    model = build_network(params, data.train, target)
    training = Training(
        network=network_of(model, target),
        recipe=recipe(params, data.train.rows),
        data=data,
        target=target,
        budget=budget,
        progress=progress,
    )
    training.run()
    return _fitted(model, target, data, training)


def recipe(params: Mapping[str, Any], rows: int) -> Recipe:
    """Return how a network of `params` is trained on `rows` rows: few rows get small batches."""
    return Recipe(
        batch=min(params["batch_size"], rows, max(32, 2 ** int(math.log2(max(1, rows // 20))))),
        passes=params["passes"],
        patience=params["patience"],
        learning_rate=params["learning_rate"],
        schedule=params["schedule"],
        clip_norm=params["clip_norm"],
        weight_decay=_WEIGHT_DECAY,
        compiled=is_compiled(rows * params["passes"] >= _COMPILED_ROWS),
    )


def is_compiled(pays: bool) -> bool:
    """Say whether steps are compiled: where it pays, and never on a GPU, whose compiler needs files of its own."""
    return pays and not tf.config.list_physical_devices("GPU")


def network_of(model: keras.Model, target: Target) -> Network:
    """Return `model` as what is trained.   model: as `build_network` made it."""
    trained = tuple(weight.value for weight in model.trainable_variables)

    def loss(x: Any, y: Any) -> tuple[Any, Any]:
        answer = model(x, training=True)
        if target.classes:
            each = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(y, tf.int32), answer)
        else:
            each = tf.square(answer[:, 0] - y)
        mean = tf.reduce_mean(each)
        return tf.add_n([mean, *model.losses]), mean

    def answer(x: Any) -> Any:
        raw = model(x, training=False)
        return tf.nn.softmax(raw) if target.classes else raw

    return Network(
        loss=loss,
        answer=answer,
        trained=trained,
        kept=tuple(weight.value for weight in model.weights),
        decayed=(True,) * len(trained),
    )


def build_network(params: Mapping[str, Any], rows: FeatureRows, target: Target) -> keras.Model:
    """Return the network: features (N, F) float32 → logits (N, classes) or the value (N, 1)."""
    width = len(rows.columns)
    indices = sorted(rows.cardinalities)
    numbers = [i for i in range(width) if i not in rows.cardinalities]
    features = keras.Input((width,), name="features")
    parts = []
    if numbers:
        parts.append(Columns(numbers)(features))
    if indices:
        sizes = [rows.cardinalities[i] for i in indices]
        parts.append(Embeddings(indices, sizes, params["embedding"], name="embeddings")(features))
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
            hidden = Dropout(params["dropout"])(hidden)
    return keras.Model(features, keras.layers.Dense(target.width, name="answer")(hidden))


def _fitted(model: keras.Model, target: Target, data: TrainingData, training: Training) -> FittedModel:
    weights = _read_weights(model, data.train)

    def native(x: Floats) -> Doubles:
        return target.decode(training.steps.answer(x))

    def nodes(graph: Graph, x: str) -> str:
        answer = add_network(graph, x, weights)
        return target.decode_nodes(graph, graph.node("Softmax", answer, axis=1) if target.classes else answer)

    return FittedModel(
        native=native,
        nodes=nodes,
        rows=data.train.rows,
        features=len(data.train.columns),
        outputs=target.outputs,
        stopped=training.stopped,
        curve=tuple(training.curve),
        notes={"passes": training.best_turn, "weights": int(model.count_params())},
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
