"""The same picture is found again in another size, quality or light; strangers are left alone, digits above all."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sklearn.datasets import load_digits

from engine.modalities.image.decoding import decode
from engine.modalities.image.look_alikes import HASHED_SIDE, digest, find_groups, signatures
from tests.engine.modalities.image.samples import encoded, noise


def groups_of(images: list[Any]) -> np.ndarray:
    """Group Pillow images as an import does."""
    colour = [image.convert("RGB") for image in images]
    made = np.stack([np.asarray(image.resize((HASHED_SIDE, HASHED_SIDE), 2)) for image in colour])
    hashes, thumbs = signatures(made)
    digests = np.frombuffer(b"".join(digest(np.asarray(image)) for image in colour), "V16")
    return find_groups(digests, hashes, thumbs, np.array([min(image.size) for image in colour]))


def again(image: Any, quality: int) -> Any:
    return Image.open(BytesIO(encoded(image.convert("RGB"), "JPEG", quality=quality, subsampling=-1)))


CHANGES: dict[str, Callable[[Any], Any]] = {
    "the same": lambda image: image.copy(),
    "quality 85": lambda image: again(image, 85),
    "quality 50": lambda image: again(image, 50),
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "larger": lambda image: image.resize((image.width * 2, image.height * 2)),
    "more light": lambda image: image.point(lambda value: min(255, int(value * 1.1))),
}


def flowers(folder: Path) -> list[Any]:
    paths = sorted((folder / "image" / "flowers").glob("*/*.jpg"))
    return [Image.fromarray(decode(path.read_bytes())) for path in paths[::4]]


@pytest.mark.parametrize("change", CHANGES)
def test_a_photograph_is_found_again(change: str, shared_data: Path) -> None:
    pictures = flowers(shared_data)
    # Two of these hundred are nearly one.
    assert (groups_of(pictures) >= 0).sum() <= 4
    groups = groups_of(pictures + [CHANGES[change](image) for image in pictures])
    n = len(pictures)
    found = (groups[:n] >= 0) & (groups[:n] == groups[n:])
    assert found.mean() >= 0.97


@pytest.mark.parametrize("scale", [1, 4, pytest.param(28, marks=pytest.mark.slow)])
def test_no_two_handwritten_digits_are_called_the_same(scale: int) -> None:
    digits = load_digits().images
    pictures = [Image.fromarray((digit * 15.9).astype(np.uint8)) for digit in digits]
    if scale > 1:
        pictures = [image.resize((8 * scale, 8 * scale), Image.Resampling.BICUBIC) for image in pictures]
    assert (groups_of(pictures) == -1).all()


def test_no_two_small_photographs_are(shared_data: Path) -> None:
    paths = sorted((shared_data / "image" / "cifar10").glob("*/*/*.jpg"))
    assert (groups_of([Image.fromarray(decode(path.read_bytes())) for path in paths]) == -1).all()


def test_flat_pictures_are_alike_only_when_they_are_the_same() -> None:
    greys = [Image.new("RGB", (64, 64), (value, value, value)) for value in range(0, 250, 2)]
    almost = [noise(64, 64, seed) // 64 + 100 for seed in range(20)]
    pictures = greys + [Image.fromarray(pixels.astype(np.uint8)) for pixels in almost]
    assert (groups_of(pictures) == -1).all()
    assert groups_of([greys[3], greys[4], greys[3].copy()]).tolist() == [0, -1, 0]


def test_the_same_pixels_in_another_shape_are_another_picture() -> None:
    pixels = noise(8, 32)
    assert digest(pixels) != digest(pixels.reshape(16, 16, 3))
    assert digest(pixels) == digest(np.asfortranarray(pixels)) and len(digest(pixels)) == 16


def test_what_is_linked_by_a_chain_is_one_group_in_order_of_first_members() -> None:
    base = noise(128, 128, 5).astype(np.float32) * 0.8
    lit = [Image.fromarray((base + 9 * step).clip(0, 255).astype(np.uint8)) for step in range(6)]
    others = [Image.fromarray(noise(128, 128, seed)) for seed in range(20, 24)]
    groups = groups_of([others[0], lit[0], others[1], *lit[1:], others[1].copy(), others[2]])
    assert groups.tolist() == [-1, 0, 1, 0, 0, 0, 0, 0, 1, -1]


def test_many_copies_among_strangers_are_one_group() -> None:
    copies = [Image.fromarray((noise(64, 64, 1) // 2 + i % 30).astype(np.uint8)) for i in range(300)]
    strangers = [Image.fromarray(noise(64, 64, seed)) for seed in range(100, 200)]
    groups = groups_of(copies + strangers)
    assert (groups[:300] == 0).all() and (groups[300:] == -1).all()


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_exact_doubles_are_always_together(chosen: list[int]) -> None:
    pictures = [Image.fromarray(noise(16, 16, seed)) for seed in chosen]
    groups = groups_of(pictures).tolist()
    for i, one in enumerate(chosen):
        same = [j for j, other in enumerate(chosen) if other == one]
        assert {groups[j] for j in same} == {groups[i]}
        assert (groups[i] == -1) == (len(same) == 1)


def test_none_are_grouped_among_none() -> None:
    hashes, thumbs = signatures(np.zeros((0, HASHED_SIDE, HASHED_SIDE, 3), np.uint8))
    assert len(find_groups(np.zeros(0, "V16"), hashes, thumbs, np.zeros(0, np.int64))) == 0


def test_rows_that_show_one_picture_are_a_group() -> None:
    made = np.stack([noise(HASHED_SIDE, HASHED_SIDE, seed) for seed in range(3)])
    hashes, thumbs = signatures(made)
    digests = np.frombuffer(b"".join(digest(one) for one in made), "V16")
    groups = find_groups(digests, hashes, thumbs, np.full(3, 32), np.array([1, 4, 1]))
    assert groups.tolist() == [-1, 0, -1]
