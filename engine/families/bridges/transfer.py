"""Transfer learning: a head on what a trained network sees in pictures, then its upper stages tuned, one after another.

Batch normalisations stay as they were trained (Kornblith et al. 2019 show the two ways; Howard & Ruder 2018 the
gradual thawing).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from engine.families.base import Budget, Floats, Progress, TrainingData
from engine.families.bridges.feature_cache import LEAST_ROWS, CachedRows, cache_features
from engine.families.bridges.keras_nodes import check_model
from engine.families.bridges.network_steps import Network, Recipe
from engine.families.bridges.network_training import Training, use_threads
from engine.families.bridges.pictures import (
    Told,
    all_targets,
    answer_of,
    class_weights,
    fitted_network,
    flip_of,
    has_fast_halves,
    mean_loss,
    network_of,
    recipe,
    turns_of,
    wanted_of,
)
from engine.families.bridges.trained_bodies import Body, load_body
from engine.families.fitted import Doubles, FittedModel, constant_model
from engine.families.sampling import log_loss, squared_loss, training_arrays
from engine.families.targets import Target, read_target
from engine.families.weights import weights_file

_L = keras.layers
_SAMPLE_ROWS, _VALID_ROWS = 2_000, 20_000
#: Shares of the time for looking at all pictures and, of the rest, for the head; and of the progress that is told.
_LOOK_SHARE, _HEAD_SHARE, _LOOK_TOLD, _HEAD_TOLD = 0.4, 0.3, 0.2, 0.3
#: A pass of tuning takes at most as long as so many looks at all pictures; fewer passes are not begun.
_PASS_LOOKS, _LEAST_PASSES, _TRACE_S = 3.5, 2.0, 6.0


@dataclass(frozen=True, kw_only=True)
class _Task:
    """What is learned from what.   valid: pictures and class codes or values by which weights are kept."""

    params: Mapping[str, Any]
    data: TrainingData
    target: Target
    weights: Doubles | None
    valid: tuple[Floats, Doubles]
    answer_rows: int


@dataclass(frozen=True, kw_only=True)
class _Tuned:
    """What tuning has come to.   passes: of it whose weights were kept."""

    curve: tuple[tuple[float, float, float], ...]
    stopped: str
    passes: int = 0


def fit_transfer(
    params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress
) -> FittedModel:
    """Train a head, then tune what lies below as far as the time goes and validation pictures approve.

    Raises: WorkFailed when the network's weights are missing, have changed or do not fit; InvalidSpec, before
    training, when it cannot be exported.
    """
    use_threads(data.threads)
    has_fast_halves()
    keras.utils.set_random_seed(data.seed)
    sample, sample_y = training_arrays(data, _SAMPLE_ROWS)
    y = all_targets(data, sample_y)
    target = read_target(y, data.task, data.outputs, standardise=True)
    shape = tuple(data.train.sample_shape)
    file = weights_file(data.weights, params["network"])
    if target.classes == 1:
        return constant_model(target.decode(np.ones((1, 1)))[0], rows=len(y), features=shape)
    body = load_body(params["network"], file, shape, depth=params["depth"], enlarge=params["enlarge"])
    check_model(body.model)
    params = {**params, "flip": flip_of(params, sample, target.encode(sample_y), target, data.seed)}
    look, answer_rows = _looking(body), recipe(params, data.train.rows, body.cells).answer_rows
    looked = _look_at_all(look, body, data, answer_rows, budget, progress)
    x, valid_y = data.valid.arrays(_affordable(looked.seconds, budget, data.valid.rows))
    task = _Task(
        params=params,
        data=data,
        target=target,
        weights=class_weights(params, target, y),
        valid=(x, target.encode(valid_y)),
        answer_rows=answer_rows,
    )
    head = _head(params, looked, target)
    seen = _in_parts(look, x, answer_rows, body.width)
    first = _train_head(task, head, looked, (seen, valid_y), budget.part(_HEAD_SHARE), progress)
    pictures = keras.Input(shape, name="features")
    model = keras.Model(pictures, head(body.model(pictures)))
    tuned = _tune(task, body, model, looked.seconds, budget, progress, first)
    progress(1.0, *tuned.curve[-1][1:])
    notes = {
        "passes": tuned.passes,
        "weights": int(model.count_params()),
        "flip": params["flip"],
        "network": params["network"],
        "looked_at": looked.rows,
    }
    return fitted_network(model, target, data, Told(answer_rows, tuned.stopped, tuned.curve, notes))


def _looking(body: Body) -> Any:
    """Return the function from pictures to what the frozen body sees in them."""
    answer = tf.function(
        lambda x: body.model(tf.cast(x, tf.float32), training=False),
        input_signature=[tf.TensorSpec((None, *body.model.inputs[0].shape[1:]), tf.uint8)],
    )
    return lambda x: answer(tf.constant(x)).numpy()


def _in_parts(look: Any, x: Floats, size: int, width: int) -> Floats:
    parts = [np.zeros((0, width), np.float32)]
    parts += [look(x[start : start + size]) for start in range(0, len(x), size)]
    return np.concatenate(parts)


def _look_at_all(
    look: Any, body: Body, data: TrainingData, batch: int, budget: Budget, progress: Progress
) -> CachedRows:
    return cache_features(
        look,
        data.train,
        body.width,
        batch,
        data.seed,
        budget.part(_LOOK_SHARE),
        lambda share: progress(_LOOK_TOLD * share, math.nan, math.nan),
    )


def _affordable(seconds: float, budget: Budget, rows: int) -> int:
    """Return how many validation pictures are looked at: a tenth of the time is theirs."""
    return min(rows, _VALID_ROWS, max(LEAST_ROWS, int(0.1 * budget.left_s / max(seconds, 1e-9))))


def _head(params: Mapping[str, Any], looked: CachedRows, target: Target) -> keras.Model:
    """Return the layers above the body: what it sees brought to one scale, then a linear layer or two."""
    x, _ = looked.arrays(_SAMPLE_ROWS * 10)
    scale = 1.0 / np.maximum(x.std(axis=0, dtype=np.float64), 1e-3)
    offset = -x.mean(axis=0, dtype=np.float64) * scale
    features = keras.Input(x.shape[1:])
    y = _L.Rescaling(list(scale), list(offset))(features)
    if params["hidden"]:
        y = _L.Dropout(params["dropout"])(_L.Dense(params["hidden"], activation="relu")(y))
    elif params["dropout"]:
        y = _L.Dropout(params["dropout"])(y)
    answer = _L.Dense(target.width, kernel_initializer="zeros", name="answer")(y)
    return keras.Model(features, answer, name="head")


def _train_head(
    task: _Task,
    head: keras.Model,
    looked: CachedRows,
    valid: tuple[Floats, Doubles],
    budget: Budget,
    progress: Progress,
) -> _Tuned:
    """Train the head on features; seconds even where pictures are many."""
    params, classes = task.params, task.target.classes
    trained = tuple(variable.value for variable in head.trainable_variables)

    def loss(x: Any, y: Any) -> tuple[Any, Any]:
        wanted = wanted_of(y, classes)
        mean = mean_loss(head(x, training=True), wanted, params["smoothing"], task.weights, classes)
        return mean, mean

    network = Network(
        loss=loss,
        answer=lambda x: answer_of(head, x, classes),
        trained=trained,
        kept=trained,
        decayed=tuple(len(variable.shape) > 1 for variable in trained),
    )
    held = CachedRows(x=valid[0], y=valid[1], seconds=looked.seconds)
    training = Training(
        network=network,
        recipe=_recipe_of_head(params, looked),
        data=replace(task.data, train=looked, valid=held),
        target=task.target,
        budget=budget,
        progress=_between(progress, _LOOK_TOLD, _HEAD_TOLD),
    )
    training.run()
    return _Tuned(curve=tuple(training.curve), stopped=training.stopped)


def _recipe_of_head(params: Mapping[str, Any], looked: CachedRows) -> Recipe:
    usual = recipe(params, looked.rows, looked.sample_shape[0])
    return replace(
        usual,
        # A head has few weights: larger steps of more rows lose nothing.
        batch=max(1, min(256, looked.rows, max(16, 2 ** int(math.log2(max(1, looked.rows // 8)))))),
        passes=params["head_passes"],
        patience=params["head_passes"],
        learning_rate=params["head_rate"],
        rows_per_turn=max(looked.rows, 1),
        answer_rows=4_096,
    )


def _tune(
    task: _Task,
    body: Body,
    model: keras.Model,
    look_s: float,
    budget: Budget,
    progress: Progress,
    first: _Tuned,
) -> _Tuned:
    """Let the upper stages change too, one more each time; what validation pictures do not approve is taken back."""
    params, rows = task.params, task.data.train.rows
    # Under the head lie the stages; where there are few passes, fewer are thawed.
    thaws = min(params["tuned"], len(body.stages), params["passes"])
    own = tuple(variable.value for variable in model.get_layer("head").trainable_variables)
    best = first
    scored = _score(task, model) if thaws else (0.0, 0.0)
    for thaw in range(1, thaws + 1):
        stages = body.stages[len(body.stages) - thaw :]
        left = budget.part(1.0 / (thaws - thaw + 1))
        if left.left_s < _TRACE_S + _LEAST_PASSES * _PASS_LOOKS * look_s * rows and left.left_s < math.inf:
            # What cannot be finished is not begun: the next one has more time, this one none.
            continue
        trained = (*own, *itertools.chain.from_iterable(stages))
        before = [one.numpy() for one in trained]
        low = _HEAD_TOLD + (1.0 - _HEAD_TOLD) * (thaw - 1) / thaws
        high = _HEAD_TOLD + (1.0 - _HEAD_TOLD) * thaw / thaws
        passes = params["passes"] * thaw // thaws - params["passes"] * (thaw - 1) // thaws
        training = _training(task, model, trained, passes, left, _between(progress, low, high))
        training.run()
        now = _score(task, model)
        if now < scored:
            for one, value in zip(trained, before, strict=True):
                one.assign(value)
            break
        scored = now
        best = _joined(best, first, training, task)
    return best


def _joined(best: _Tuned, first: _Tuned, training: Training, task: _Task) -> _Tuned:
    """Return what tuning has come to with one more training."""
    before = () if best is first else best.curve
    start = len(before)
    turns = turns_of(task.data.train.rows, training.recipe.rows_per_turn)
    return _Tuned(
        curve=(*before, *((start + turn, train, valid) for turn, train, valid in training.curve)),
        stopped=training.stopped,
        passes=best.passes + -(-training.best_turn // turns),
    )


def _training(
    task: _Task, model: keras.Model, trained: Any, passes: int, budget: Budget, progress: Progress
) -> Training:
    params = {**task.params, "passes": passes}
    usual = recipe(params, task.data.train.rows, math.prod(task.data.train.sample_shape))
    return Training(
        network=network_of(model, params, task.target, task.weights, task.data.seed, trained),
        recipe=replace(usual, answer_rows=task.answer_rows),
        data=task.data,
        target=task.target,
        budget=budget,
        progress=progress,
    )


def _score(task: _Task, model: keras.Model) -> tuple[float, float]:
    """Return the share of validation pictures told right and minus the loss; equal for all where there are none."""
    x, codes = task.valid
    if not len(x):
        return 0.0, 0.0
    size = task.answer_rows
    answer = tf.function(lambda part: answer_of(model, part, task.target.classes), reduce_retracing=True)
    told = np.concatenate(
        [answer(tf.constant(x[start : start + size])).numpy() for start in range(0, len(x), size)]
    ).astype(np.float64)
    if not task.target.classes:
        return 0.0, -squared_loss(codes, told)
    return float((told.argmax(axis=1) == codes).mean()), -log_loss(codes, told)


def _between(progress: Progress, low: float, high: float) -> Progress:
    """Return a listener whose share of 0 … 1 is told as `low` … `high`."""
    return lambda share, train, valid: progress(low + (high - low) * share, train, valid)
