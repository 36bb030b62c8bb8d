"""MNIST's files are read pair by pair; what does not add up is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from engine.errors import BadData
from engine.modalities.image.idx import IdxPictures, has_idx, is_idx_name
from engine.modalities.image.source import Found
from engine.providers.files import TooMuch, open_files
from tests.engine.modalities.image.samples import idx, packed, spread

RANDOM = np.random.default_rng(0)
PICTURES = RANDOM.integers(0, 256, (30, 28, 28), dtype=np.uint8)
LABELS = RANDOM.integers(0, 10, 30, dtype=np.uint8)


def read(source: Path, most: int = 1 << 30) -> tuple[IdxPictures, list[Found]]:
    with open_files(source, max_bytes=most, packed=is_idx_name) as files:
        assert has_idx([entry.name for entry in files.entries])
        pictures = IdxPictures(files)
        return pictures, list(pictures.entries())


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("style", ["train-images-idx3-ubyte", "raw/train-images.idx3-ubyte"])
def test_pictures_get_their_labels(tmp_path: Path, is_packed: bool, style: str) -> None:
    names = style, style.replace("images", "labels").replace("idx3", "idx1")
    contents = idx(PICTURES), idx(LABELS)
    if is_packed:
        names, contents = tuple(f"{n}.gz" for n in names), tuple(gzip.compress(c) for c in contents)
    pairs = tuple(zip(names, contents, strict=True))
    for source in (packed(tmp_path / "set.zip", *pairs), spread(tmp_path / "set", *pairs)):
        pictures, entries = read(source)
        assert pictures.format == "idx" and pictures.notes == ()
        assert [entry.values for entry in entries] == [
            {"label": str(label), "set": "train"} for label in LABELS
        ]
        assert all((entry.picture == pixels).all() for entry, pixels in zip(entries, PICTURES, strict=True))
        assert len({entry.name for entry in entries}) == 30
        assert entries[7].name.endswith("/00007") and [entry.number for entry in entries] == list(
            range(1, 31)
        )


def test_both_sets_and_what_lies_beside(tmp_path: Path) -> None:
    source = spread(
        tmp_path / "set",
        ("t10k-images-idx3-ubyte", idx(PICTURES[:5])),
        ("t10k-labels-idx1-ubyte", idx(LABELS[:5])),
        ("train-images-idx3-ubyte", idx(PICTURES)),
        ("README", b"about"),
    )
    pictures, entries = read(source)
    assert [entry.values.get("set") for entry in entries] == ["test"] * 5 + ["train"] * 30 + [None]
    assert [entry.values.get("label") for entry in entries][5:] == [None] * 31
    assert "No file of labels" in pictures.notes[0]
    assert entries[-1].picture is None and entries[-1].name == "README" and entries[-1].number == 36


def test_colours_in_a_fourth_dimension_are_read(tmp_path: Path) -> None:
    pixels = RANDOM.integers(0, 256, (3, 8, 9, 3), dtype=np.uint8)
    _, entries = read(spread(tmp_path / "set", ("x-idx4-ubyte", idx(pixels))))
    assert [entry.picture.shape for entry in entries] == [(8, 9, 3)] * 3  # type: ignore[union-attr]


BROKEN = {
    "cut": (idx(PICTURES)[:-1], idx(LABELS)),
    "no header": (idx(PICTURES)[:9], idx(LABELS)),
    "other bytes": (b"\x89PNG" + bytes(100), idx(LABELS)),
    "fewer labels": (idx(PICTURES), idx(LABELS[:-1])),
    "labels cut": (idx(PICTURES), idx(LABELS)[:-1]),
    "labels are pictures": (idx(PICTURES), idx(PICTURES)),
    "no height": (idx(PICTURES[:, :0]), idx(LABELS)),
    "huge": (b"\0\0\x08\x03" + b"\0\0\0\x1e" + b"\0\xff\xff\xff" * 2, idx(LABELS)),
    "two colours": (idx(np.zeros((30, 4, 4, 2), np.uint8)), idx(LABELS)),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_does_not_add_up_is_refused(tmp_path: Path, case: str) -> None:
    pictures, labels = BROKEN[case]
    source = spread(tmp_path / "set", ("a-images-idx3-ubyte", pictures), ("a-labels-idx1-ubyte", labels))
    with pytest.raises(BadData, match="whole idx file"):
        read(source)


def test_a_broken_gzip_and_a_bomb_are_refused(tmp_path: Path) -> None:
    good = gzip.compress(idx(PICTURES))
    with pytest.raises(BadData, match="whole idx file"):
        read(spread(tmp_path / "a", ("a-images-idx3-ubyte.gz", good[: len(good) // 2])))
    bomb = gzip.compress(idx(np.zeros((100_000, 28, 28), np.uint8)))
    with pytest.raises(TooMuch):
        read(packed(tmp_path / "b.zip", ("a-images-idx3-ubyte.gz", bomb)), most=1 << 20)
