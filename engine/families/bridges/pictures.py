"""Training of a network for pictures: varied pictures, the shared loop, a body written layer by layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from engine.families.base import Budget, Floats, Progress, TrainingData
from engine.families.bridges.augment import Augment
from engine.families.bridges.keras_nodes import add_model, check_model
from engine.families.bridges.network_steps import Network, Recipe
from engine.families.bridges.network_training import Training, use_threads
from engine.families.bridges.picture_networks import Body, build
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.mirror import may_mirror
from engine.families.sampling import training_arrays
from engine.families.targets import Target, class_shares, read_target
from engine.transforms.graph import Graph

#: Pictures from which colours' means and what may be mirrored are read.
_SAMPLE_ROWS = 2_000
#: Bytes of pictures of which every target is read; of more, those of a sample.
_TARGET_BYTES = 4_000_000_000
#: Values (rows × height × width × 3) answered at a time, and trained on between two looks at validation pictures.
_ANSWER_CELLS, _TURN_CELLS = 1_200_000, 200_000_000
_BETA_2 = 0.99


@dataclass(frozen=True)
class Told:
    """What is told of a training.   answer_rows: pictures answered at a time.   The rest as in `base.Fitted`."""

    answer_rows: int
    stopped: str
    curve: Sequence[tuple[float, float, float]]
    notes: Mapping[str, Any]


def fit_pictures(
    body: Body, params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress
) -> FittedModel:
    """Train until passes are over, validation pictures stop improving or the time is over; keep the best weights.

    The step size falls to its end within the time that there is.
    Raises: InvalidSpec, before training, when a layer of `body` cannot be exported; WorkFailed when TensorFlow cannot
    train it.
    """
    use_threads(data.threads)
    keras.utils.set_random_seed(data.seed)
    sample, sample_y = training_arrays(data, _SAMPLE_ROWS)
    y = all_targets(data, sample_y)
    target = read_target(y, data.task, data.outputs, standardise=True)
    shape = tuple(data.train.sample_shape)
    if target.classes == 1:
        return constant_model(target.decode(np.ones((1, 1)))[0], rows=len(y), features=shape)
    params = {**params, "flip": flip_of(params, sample, target.encode(sample_y), target, data.seed)}
    scale, offset = _colours(sample)

    def made() -> keras.Model:
        return build(body, params, shape, scale=scale, offset=offset, outputs=target.width)

    served = made()
    check_model(served)
    model = in_half_precision(made) if has_fast_halves() else served
    training = Training(
        network=network_of(model, params, target, class_weights(params, target, y), data.seed),
        recipe=recipe(params, data.train.rows, math.prod(shape)),
        data=data,
        target=target,
        budget=budget,
        progress=progress,
    )
    training.run()
    if model is not served:
        served.set_weights(model.get_weights())
    notes = {
        "passes": -(-training.best_turn // turns_of(data.train.rows, training.recipe.rows_per_turn)),
        "weights": int(served.count_params()),
        "flip": params["flip"],
    }
    told = Told(training.recipe.answer_rows, training.stopped, training.curve, notes)
    return fitted_network(served, target, data, told)


def has_fast_halves() -> bool:
    """Say whether there is a GPU, which trains on numbers of 16 bits twice as fast; a processor is slower on them."""
    if not tf.config.list_physical_devices("GPU"):
        return False
    # Answers are compared with the file's, which are computed in full precision.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    return True


def in_half_precision(made: Callable[[], keras.Model]) -> keras.Model:
    """Return the model that `made` makes, its layers computing in bfloat16; its weights stay float32."""
    usual = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        return made()
    finally:
        keras.config.set_dtype_policy(usual)


def recipe(params: Mapping[str, Any], rows: int, cells: int) -> Recipe:
    """Return how a network of `params` is trained on `rows` pictures of `cells` values each."""
    turn = max(1, _TURN_CELLS // cells)
    return Recipe(
        batch=min(params["batch_size"], rows, max(16, 2 ** int(math.log2(max(1, rows // 20))))),
        passes=params["passes"] * turns_of(rows, turn),
        patience=params["patience"] * turns_of(rows, turn),
        learning_rate=params["learning_rate"],
        clip_norm=params["clip_norm"],
        weight_decay=params["weight_decay"],
        beta_2=_BETA_2,
        average=params["average"],
        keeps_end=True,
        rows_per_turn=turn,
        answer_rows=max(1, _ANSWER_CELLS // cells),
    )


def turns_of(rows: int, turn: int) -> int:
    """Return how many turns of at most `turn` rows a pass has."""
    return max(1, rows // turn)


def network_of(
    model: keras.Model,
    params: Mapping[str, Any],
    target: Target,
    weights: Doubles | None,
    seed: int,
    trained: Sequence[Any] | None = None,
) -> Network:
    """Return `model` as what is trained, on varied pictures.

    weights: of each class; None for equal ones.   trained: the variables that change; None for all that may.
    """
    augment = Augment(params, seed)

    def loss(x: Any, y: Any) -> tuple[Any, Any]:
        pictures, wanted = augment(tf.cast(x, tf.float32), wanted_of(y, target.classes))
        mean = mean_loss(model(pictures, training=True), wanted, params["smoothing"], weights, target.classes)
        return mean, mean

    changed = tuple(variable.value for variable in model.trainable_variables) if trained is None else trained
    return Network(
        loss=loss,
        answer=lambda x: answer_of(model, x, target.classes),
        trained=tuple(changed),
        kept=tuple(variable.value for variable in model.weights) if trained is None else tuple(changed),
        # Biases and normalisations do not grow with what they multiply.
        decayed=tuple(len(variable.shape) > 1 for variable in changed),
    )


def wanted_of(y: Any, classes: int) -> Any:
    """Return what an answer should be: (rows, classes) of 0 and 1, or values (rows, 1) for no classes."""
    return tf.one_hot(tf.cast(y, tf.int32), classes) if classes else y[:, None]


def mean_loss(answer: Any, wanted: Any, smoothing: float, weights: Doubles | None, classes: int) -> Any:
    """Return the mean cross-entropy of logits, or the mean squared error for no classes.

    smoothing: share of certainty given to all classes.   weights: of each class; None for equal ones.
    """
    if not classes:
        return tf.reduce_mean(tf.square(answer[:, 0] - wanted[:, 0]))
    each = tf.nn.softmax_cross_entropy_with_logits(wanted * (1.0 - smoothing) + smoothing / classes, answer)
    if weights is not None:
        each *= tf.linalg.matvec(wanted, tf.constant(weights, tf.float32))
    return tf.reduce_mean(each)


def answer_of(model: keras.Model, x: Any, classes: int) -> Any:
    """Return probabilities (rows, classes), or values (rows, 1) for no classes, of pictures (rows, *shape)."""
    raw = model(tf.cast(x, tf.float32), training=False)
    return tf.nn.softmax(raw) if classes else raw


def all_targets(data: TrainingData, sample: Doubles) -> Doubles:
    """Return the target of every training row, or `sample` where reading all pictures would take too long."""
    rows = data.train.rows
    if len(sample) == rows or rows * math.prod(data.train.sample_shape) > _TARGET_BYTES:
        return sample
    return np.concatenate([y for _, y in data.train.batches(1_024)])


def flip_of(params: Mapping[str, Any], sample: Any, codes: Doubles, target: Target, seed: int) -> str:
    """Return how pictures are mirrored: as asked, or as a sample of them and its class codes say."""
    if params["flip"] != "auto":
        return str(params["flip"])
    return "horizontal" if not target.classes or may_mirror(sample, codes, seed) else "none"


def _colours(sample: npt.NDArray[np.uint8] | Floats) -> tuple[Doubles, Doubles]:
    """Return scale and offset per colour, by which the sample's values get mean 0 and deviation 1."""
    mean = sample.mean(axis=(0, 1, 2), dtype=np.float64)
    deviation = sample.std(axis=(0, 1, 2), dtype=np.float64)
    scale = 1.0 / np.maximum(deviation, 1.0)
    return scale, -mean * scale


def class_weights(params: Mapping[str, Any], target: Target, y: Doubles) -> Doubles | None:
    """Return weights (classes,) that let every class count the same, of mean 1 over the rows; or None."""
    if not params["class_weights"] or not target.classes:
        return None
    shares = class_shares(target.encode(y), target.classes)
    return 1.0 / (target.classes * np.maximum(shares, 1e-12))


def fitted_network(model: keras.Model, target: Target, data: TrainingData, told: Told) -> FittedModel:
    """Return a trained `model` as what answers and is exported."""
    shape = tuple(data.train.sample_shape)
    answers = tf.function(
        lambda x: answer_of(model, x, target.classes),
        input_signature=[tf.TensorSpec((None, *shape), tf.uint8)],
    )
    size = told.answer_rows

    def native(x: Floats) -> Doubles:
        pictures: Any = x if x.dtype == np.uint8 else np.clip(np.rint(x), 0, 255).astype(np.uint8)
        parts = [
            answers(tf.constant(pictures[start : start + size])).numpy() for start in range(0, len(x), size)
        ]
        return target.decode(np.concatenate(parts).astype(np.float64))

    def nodes(graph: Graph, x: str) -> str:
        answer = add_model(graph, x, model)
        return target.decode_nodes(graph, graph.node("Softmax", answer, axis=1) if target.classes else answer)

    return FittedModel(
        native=native,
        nodes=nodes,
        rows=data.train.rows,
        features=shape,
        outputs=target.outputs,
        stopped=told.stopped,
        curve=tuple(told.curve),
        notes=told.notes,
    )
