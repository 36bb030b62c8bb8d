"""Networks for pictures on real pictures, and a training step against a hand-written `fit` loop of plain Keras.

`accuracy` trains a family on a folder of class folders (or on scikit-learn's digits), with and without varied pictures,
and prints what share of held-out pictures it tells right. `--test` names the folder that is looked at once, at the end;
without it a part of the pictures is held out. Exits 0 when the bar is met.

`step` trains the very same layers (Keras' own normalisation) by `keras.Model.fit` from a tf.data pipeline with the same
changes of pictures, and by the product; every measurement has a process of its own, the sides take turns. It prints the
ratio of pictures per processor second; exits 0 when its median meets the bar (0.95).

The clock is the processor's, divided by what two free cores give (1.7 processor seconds a second): other work on the
machine does not count.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import numpy.typing as npt
from PIL import Image
from sklearn.datasets import load_digits

from engine.families import family
from engine.families.base import Budget, Fitted, TrainingData
from engine.specs.params import complete
from tests.engine.made_rows import Rows

STEP_BAR = 0.95
CORES = 1.7
PLAIN = {"strength": 0.0, "flip": "none", "mixup": 0.0, "cutmix": 0.0}
SIDES = ("product", "keras")
Pictures = tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]


def main() -> int:
    """Measure, print, and return 0 when the bar is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    accuracy_options = verbs.add_parser("accuracy", help="Train and judge.")
    accuracy_options.add_argument("folder", help="Class folders with pictures, or the word digits.")
    accuracy_options.add_argument(
        "--test", type=Path, help="Class folders that are looked at once, at the end."
    )
    accuracy_options.add_argument("--side", type=int, default=32, help="Pictures are made so large.")
    accuracy_options.add_argument(
        "--seconds", type=float, default=600.0, help="For the training with changes."
    )
    accuracy_options.add_argument(
        "--without", type=float, help="Seconds for the one without; as many if left out."
    )
    accuracy_options.add_argument("--bar", type=float, default=0.0, help="Share that must be right.")
    step_options = verbs.add_parser("step", help="Compare with keras.fit.")
    step_options.add_argument("--rounds", type=int, default=3)
    step_options.add_argument("--steps", type=int, default=40)
    step_options.add_argument("--batch", type=int, default=64)
    step_options.add_argument("--side", type=int, default=32)
    step_options.add_argument("--which", choices=SIDES, help=argparse.SUPPRESS)
    for one in (accuracy_options, step_options):
        one.add_argument("--family", default="resnet")
        one.add_argument("--params", type=json.loads, default={}, help="JSON; the rest are defaults.")
        one.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.verb == "accuracy":
        return accuracy(options)
    if options.which:
        print(json.dumps(step(options)))
        return 0
    return compare(options)


def accuracy(options: argparse.Namespace) -> int:
    """Train with and without changes of pictures, and say what share each tells right."""
    train, test = pictures(options)
    train, valid = parted(*train, 0.1, options.seed)
    seconds = (options.seconds, options.seconds if options.without is None else options.without)
    found = []
    for name, given, limit in zip(("with", "without"), ({}, PLAIN), seconds, strict=True):
        if not limit:
            continue
        started = time.process_time()
        fitted = trained(options, {**options.params, **given}, train, valid, limit)
        found.append(float((fitted.predict(test[0]).argmax(axis=1) == test[1]).mean()))
        spent = (time.process_time() - started) / CORES
        print(
            f"{name:8} varied pictures: {found[-1]:.4f} of {len(test[1]):,} right, {spent:,.0f} s of two cores, "
            f"{len(fitted.curve)} passes ({fitted.stopped}), {fitted.notes}",
            flush=True,
        )
    if len(found) == 2:
        print(f"gain of varied pictures: {found[0] - found[1]:+.4f}")
    return 0 if found[0] >= options.bar else 1


def trained(
    options: argparse.Namespace, given: dict[str, Any], train: Pictures, valid: Pictures, seconds: float
) -> Fitted:
    """Return the family's model of `train`, which is also what the product trains."""
    member = family(options.family)
    data = TrainingData(
        task="multiclass",
        outputs=int(train[1].max()) + 1,
        train=Rows(*train),  # type: ignore[arg-type]
        valid=Rows(*valid),  # type: ignore[arg-type]
        seed=options.seed,
        threads=2,
    )
    budget = Budget(seconds, lambda: time.process_time() / CORES)
    return member.build(complete(member.params, given, member.name), data, budget, lambda *_: None)


def pictures(options: argparse.Namespace) -> tuple[Pictures, Pictures]:
    """Return training and test pictures; without a test folder a quarter of each class is held out."""
    if options.folder == "digits":
        digits = load_digits()
        grey = np.rint(digits.images * (255 / 16)).astype(np.uint8)
        return parted(np.repeat(grey[..., None], 3, axis=3), digits.target.astype(np.float64), 0.2, 7)
    train = read(Path(options.folder), options.side)
    return (train, read(options.test, options.side)) if options.test else parted(*train, 0.25, 7)


def read(folder: Path, side: int) -> Pictures:
    """Return the pictures of all class folders in `folder`, in the order of the classes' names."""
    found: list[npt.NDArray[np.uint8]] = []
    codes: list[int] = []
    for code, place in enumerate(sorted(path for path in folder.iterdir() if path.is_dir())):
        for path in sorted(place.iterdir()):
            with Image.open(path) as picture:
                sized = picture.convert("RGB").resize((side, side), Image.Resampling.BILINEAR)
            found.append(np.asarray(sized))
            codes.append(code)
    return np.stack(found), np.array(codes, np.float64)


def parted(
    x: npt.NDArray[np.uint8], y: npt.NDArray[np.float64], share: float, seed: int
) -> tuple[Pictures, Pictures]:
    """Part off `share` of each class by lot; returns the rest, then that share."""
    rng = np.random.default_rng(seed)
    apart = np.zeros(len(y), bool)
    for code in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == code))
        apart[rows[: round(share * len(rows))]] = True
    return (x[~apart], y[~apart]), (x[apart], y[apart])


def compare(options: argparse.Namespace) -> int:
    """Run the rounds of both sides and say how they did."""
    found: dict[str, list[float]] = {side: [] for side in SIDES}
    for number in range(options.rounds):
        for side in SIDES if number % 2 == 0 else reversed(SIDES):
            given = [
                f"--{name}={getattr(options, name)}" for name in ("steps", "batch", "side", "family", "seed")
            ]
            command = [sys.executable, __file__, "step", f"--which={side}", *given]
            answer = subprocess.run(
                [*command, f"--params={json.dumps(options.params)}"], check=True, capture_output=True
            )
            found[side].append(json.loads(answer.stdout.splitlines()[-1]))
        print(
            f"round {number + 1}: " + ", ".join(f"{side} {found[side][-1]:,.0f}" for side in SIDES),
            flush=True,
        )
    for side in SIDES:
        print(f"{side:8} {statistics.median(found[side]):,.0f} pictures per processor second in the median")
    ratio = statistics.median(a / b for a, b in zip(found["product"], found["keras"], strict=True))
    print(f"ratio    {ratio:.2f} (median of {options.rounds} rounds; bar {STEP_BAR})")
    return 0 if ratio >= STEP_BAR else 1


def step(options: argparse.Namespace) -> float:
    """Train made pictures by one side in this process; returns pictures per processor second, without the start."""
    import keras

    from engine.families.bridges import picture_networks
    from engine.families.bridges.network_training import use_threads

    use_threads(2)
    keras.utils.set_random_seed(options.seed)
    rng = np.random.default_rng(0)
    count = options.batch * options.steps
    x = rng.integers(0, 256, (count, options.side, options.side, 3)).astype(np.uint8)
    y = rng.integers(0, 10, count).astype(np.float64)
    member = family(options.family)
    params = complete(
        member.params,
        {**options.params, "passes": 3, "batch_size": options.batch, "flip": "horizontal"},
        member.name,
    )
    body = {
        "small_cnn": picture_networks.plain,
        "resnet": picture_networks.residual,
        "separable_cnn": picture_networks.separable,
        "convnext": picture_networks.modern,
    }[options.family]
    if options.which == "keras":
        picture_networks.Norm = lambda **given: keras.layers.BatchNormalization(  # type: ignore[misc,assignment]
            momentum=0.9, epsilon=1e-3, **given
        )
    model = picture_networks.build(body, params, x.shape[1:], scale=[0.01] * 3, offset=[-1.0] * 3, outputs=10)
    train_side = by_product if options.which == "product" else by_keras
    ends = train_side(model, params, (x, y))
    return 2 * count / (ends[2] - ends[0])


def by_product(model: Any, params: dict[str, Any], made: Pictures) -> list[float]:
    """Train three passes as the product does; returns the processor's clock at the end of each."""
    from engine.families.bridges import pictures as bridge
    from engine.families.bridges.network_training import Training
    from engine.families.targets import read_target

    x, y = made
    ends: list[float] = []
    target = read_target(y, "multiclass", 10)
    data = TrainingData(
        task="multiclass",
        outputs=10,
        train=Rows(x, y),  # type: ignore[arg-type]
        valid=Rows(x[:0], y[:0]),  # type: ignore[arg-type]
        seed=0,
        threads=2,
    )
    Training(
        network=bridge.network_of(model, params, target, None, 0),
        recipe=bridge.recipe(params, 10**6, x[0].size),
        data=data,
        target=target,
        budget=Budget(3600.0, time.monotonic),
        progress=lambda *_: ends.append(time.process_time()) if len(ends) < 3 else None,
    ).run()
    return ends


def by_keras(model: Any, params: dict[str, Any], made: Pictures) -> list[float]:
    """Train three passes by `fit` from a tf.data pipeline; returns the processor's clock at the end of each."""
    import keras
    import tensorflow as tf

    from engine.families.bridges.augment import Augment

    x, y = made
    ends: list[float] = []
    augment = Augment(params, 0)

    def changed(pictures: Any, codes: Any) -> Any:
        return augment(tf.cast(pictures, tf.float32), tf.one_hot(codes, 10))

    rows = tf.data.Dataset.from_tensor_slices((x, y.astype(np.int32))).shuffle(len(x))
    rows = rows.batch(params["batch_size"], drop_remainder=True).map(changed).prefetch(2)
    model.compile(
        keras.optimizers.AdamW(
            params["learning_rate"],
            weight_decay=params["weight_decay"],
            clipnorm=params["clip_norm"],
            use_ema=True,
        ),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=params["smoothing"]),
        jit_compile=False,
    )
    clock = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(time.process_time()))
    model.fit(rows, epochs=3, callbacks=[clock], verbose=0)
    return ends


if __name__ == "__main__":
    sys.exit(main())
