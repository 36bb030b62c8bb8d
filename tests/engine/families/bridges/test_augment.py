"""Pictures are changed as far as they may be, each in its own way, and the same again by the same seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from engine.families.bridges.augment import Augment, preview
from engine.families.picture_params import AUGMENTATION

pytestmark = pytest.mark.slow  # it loads TensorFlow

NOTHING: Mapping[str, Any] = {
    param.name: "none" if param.name == "flip" else 1.0 if param.name == "strength" else 0.0
    for param in AUGMENTATION
}
DEFAULTS: Mapping[str, Any] = {param.name: param.default for param in AUGMENTATION}


def pictures(count: int = 8, side: int = 16) -> npt.NDArray[np.uint8]:
    ramp = np.linspace(0, 255, side)
    made = np.stack(
        [np.tile(ramp, (side, 1)), np.tile(ramp[:, None], (1, side)), np.full((side, side), 90.0)], axis=-1
    )
    return np.repeat(made[None].astype(np.uint8), count, axis=0)


def test_nothing_asked_for_changes_nothing() -> None:
    assert (preview(pictures(), NOTHING) == pictures()).all()


def test_strength_0_changes_nothing() -> None:
    assert (preview(pictures(), {**DEFAULTS, "strength": 0.0}) == pictures()).all()


@pytest.mark.parametrize(
    "change",
    [name for name, value in NOTHING.items() if value == 0.0],
)
def test_each_change_changes_each_picture_in_its_own_way(change: str) -> None:
    most = {"rotate": 30.0, "shear": 20.0}.get(change, 0.5)
    # What only a share of the pictures gets, all of them get here.
    most = 1.0 if change in ("grey", "mixup", "cutmix") else most
    given = pictures()
    given[::2] = 255 - given[::2]
    changed = preview(given, {**NOTHING, change: most}, seed=3)
    assert (changed != given).any()
    if change != "grey":
        assert (changed[1] != changed[3]).any()


def test_equal_seeds_change_alike_and_others_do_not() -> None:
    first = preview(pictures(), DEFAULTS, seed=1)
    assert (preview(pictures(), DEFAULTS, seed=1) == first).all()
    assert (preview(pictures(), DEFAULTS, seed=2) != first).any()


def test_one_layer_changes_anew_each_time() -> None:
    augment = Augment(DEFAULTS, 0)
    x, y = tf.constant(pictures(), tf.float32), tf.zeros((8, 1))
    assert (augment(x, y)[0].numpy() != augment(x, y)[0].numpy()).any()


@pytest.mark.parametrize(("flip", "axes"), [("horizontal", [(2,)]), ("any", [(2,), (1,), (1, 2)])])
def test_mirrored_pictures_are_mirror_images(flip: str, axes: list[tuple[int, ...]]) -> None:
    changed = preview(pictures(64), {**NOTHING, "flip": flip}, seed=0)
    allowed = [pictures(1)[0], *(np.flip(pictures(1), axis)[0] for axis in axes)]
    seen = [min(range(len(allowed)), key=lambda i: _distance(one, allowed[i])) for one in changed]
    assert set(seen) == set(range(len(allowed)))
    assert max(_distance(one, allowed[i]) for one, i in zip(changed, seen, strict=True)) <= 1


def _distance(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def test_a_shift_is_no_longer_than_asked_for() -> None:
    dot = np.zeros((64, 21, 21, 3), np.uint8)
    dot[:, 10, 10] = 255
    changed = preview(dot, {**NOTHING, "shift": 0.1}, seed=0)[..., 0].astype(float)
    places = np.arange(21.0)
    for axis in (1, 2):
        middle = (changed.sum(axis=3 - axis) * places).sum(axis=1) / changed.sum(axis=(1, 2))
        assert 1.0 < np.abs(middle - 10).max() < 0.1 * 21 + 0.3


def test_a_turn_of_colours_keeps_greys_and_loss_of_colour_makes_them() -> None:
    grey = np.full((4, 8, 8, 3), 77, np.uint8)
    assert np.abs(preview(grey, {**NOTHING, "hue": 0.5}).astype(int) - 77).max() <= 1
    lost = preview(pictures(), {**NOTHING, "grey": 1.0}).astype(int)
    assert np.ptp(lost, axis=-1).max() <= 1


def test_targets_are_mixed_by_the_share_of_what_is_seen() -> None:
    black_and_white = np.zeros((16, 16, 16, 3), np.float32)
    black_and_white[::2] = 255.0
    targets = tf.one_hot(np.arange(16) % 2, 2)
    for change in ("mixup", "cutmix"):
        augment = Augment({**NOTHING, change: 1.0}, 0)
        mixed, wanted = augment(tf.constant(black_and_white), targets)
        assert np.allclose(mixed.numpy().mean(axis=(1, 2, 3)) / 255.0, wanted.numpy()[:, 0], atol=0.01)
        assert np.allclose(wanted.numpy().sum(axis=1), 1.0)
        assert wanted.numpy()[::2, 0].std() > 0.1


def test_changed_pictures_stay_within_range() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (16, 16, 16, 3))
    augment = Augment({**DEFAULTS, "strength": 2.0, "noise": 0.5, "blur": 1.0}, 0)
    changed, _ = augment(tf.constant(noise, tf.float32), tf.zeros((16, 1)))
    assert changed.numpy().min() >= 0.0
    assert changed.numpy().max() <= 255.0
