"""Find pictures that are the same, or nearly: a perceptual hash proposes pairs, a small copy of each decides."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt

from engine.modalities.image.decoding import Pixels
from engine.modalities.image.measures import LUMA

Indices = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

#: Sides in px of what hashes are made from, and of the small copies that are compared.
HASHED_SIDE, THUMB_SIDE = 32, 16
THUMB_BYTES = THUMB_SIDE * THUMB_SIDE * 3
#: Pairs whose hashes differ in more bits are not looked at: JPEG at quality 50, half the size or 10 % more light stay
#: within 4 on 99 of 100 photographs.
_MOST_BITS = 4
#: Two of six blocks are untouched by four changed bits: 15 sortings find every pair.
_BLOCKS = ((0, 11), (11, 11), (22, 11), (33, 11), (44, 10), (54, 10))
_WHOLE_BLOCKS = 2
#: In each sorting a picture is compared with so many that follow; keeps the work linear where very many look alike.
_WINDOW = 16
#: Correlation and mean difference (0 … 255) of two small copies. The likest two strangers among 1,797 handwritten
#: digits, whatever their size, come to 0.9915, among 1,900 tiny photographs to less; 99 of 100 photographs come to
#: 0.9957 with 10 % more light, to 0.9977 at JPEG quality 50 and to 0.9999 at half the size.
_LARGE_CORRELATION, _LARGE_DIFFERENCE = 0.995, 24.0
_SMALL_CORRELATION, _SMALL_DIFFERENCE = 0.997, 6.0
#: Pictures below this side hold too little to tell strangers apart by a looser rule.
_SMALL_SIDE = 64
#: Below this deviation (0 … 255) a picture is one flat colour: only its very double looks like it.
_FLAT = 5.0
_VERIFIED_AT_ONCE = 8192


def digest(pixels: Pixels) -> bytes:
    """Return 16 bytes that only a picture with the same size and pixels has too."""
    made = hashlib.sha256(repr(pixels.shape).encode())
    made.update(np.ascontiguousarray(pixels).data)
    return made.digest()[:16]


def signatures(pictures: Pixels) -> tuple[Hashes, Pixels]:
    """Return the hashes (n,) and small copies (n, 16, 16, 3) of pictures that were made (n, 32, 32, 3).

    The hash says of each of the 63 lowest frequencies of brightness whether it is above their median.
    Source: Zauner, Implementation and benchmarking of perceptual image hash functions, 2010, section 3.2.1.
    """
    luma = sum(weight * pictures[..., i].astype(np.float32) for i, weight in enumerate(LUMA))
    frequencies = _COSINES @ luma @ _COSINES.T
    # Without the first one, which is the mean.
    low = frequencies.reshape(len(pictures), 64)[:, 1:]
    bits = low > np.median(low, axis=1, keepdims=True)
    packed = np.packbits(np.pad(bits, ((0, 0), (1, 0))), axis=1)
    hashes = packed.view(">u8").astype(np.uint64).reshape(-1)
    whole = pictures.astype(np.uint16)
    columns = whole[:, :, ::2] + whole[:, :, 1::2]
    blocks = columns[:, ::2] + columns[:, 1::2]
    return hashes, ((blocks + 2) // 4).astype(np.uint8)


def find_groups(
    digests: npt.NDArray[np.void],
    hashes: Hashes,
    thumbs: Pixels,
    sides: Indices,
    rows: Indices | None = None,
) -> Indices:
    """Return the group of each picture: 0, 1, 2 … in order of first members, −1 for a picture like no other.

    Whatever is linked by a chain of look-alikes is one group, so that no split can divide it. The time grows as
    n log n.
    Args: digests: (n,) of 16 bytes.   thumbs: (n, 16, 16, 3), possibly on disk.   sides: (n,) the shorter side in px.
          rows: (n,) how many rows show each picture, and so look alike; None for one.
    """
    _, firsts, same = np.unique(digests, return_index=True, return_inverse=True)
    root = firsts[same.reshape(-1)].astype(np.int64)
    known = np.sort(firsts)
    for left, right in _neighbours(hashes[known]):
        a, b = known[left], known[right]
        apart = root[a] != root[b]
        a, b = a[apart], b[apart]
        alike = _are_alike(thumbs, sides, a, b)
        _join(root, a[alike], b[alike])
    counts = np.bincount(root, weights=rows, minlength=len(root))
    number = np.full(len(root), -1, np.int64)
    grouped = np.flatnonzero(counts > 1)
    number[grouped] = np.arange(len(grouped))
    return number[root]


def _neighbours(hashes: Hashes) -> Iterator[tuple[Indices, Indices]]:
    """Pairs of places whose hashes differ in few bits; some pairs come more than once."""
    for chosen in combinations(range(len(_BLOCKS)), _WHOLE_BLOCKS):
        turned, key_bits = _with_blocks_first(hashes, chosen)
        order = np.argsort(turned, kind="stable")
        turned = turned[order]
        keys = turned >> np.uint64(64 - key_bits)
        for step in range(1, _WINDOW + 1):
            together = np.flatnonzero(keys[step:] == keys[:-step])
            if len(together) == 0:
                break
            bits = np.bitwise_count(turned[together] ^ turned[together + step])
            near = together[bits <= _MOST_BITS]
            if len(near):
                yield order[near], order[near + step]


def _with_blocks_first(hashes: Hashes, chosen: tuple[int, ...]) -> tuple[Hashes, int]:
    """The hashes with some blocks of bits moved to the front, and how many bits those are."""
    moved, place, key_bits = np.zeros_like(hashes), 64, 0
    for block in (*chosen, *(i for i in range(len(_BLOCKS)) if i not in chosen)):
        start, size = _BLOCKS[block]
        place -= size
        part = hashes >> np.uint64(64 - start - size) & np.uint64((1 << size) - 1)
        moved |= part << np.uint64(place)
        key_bits += size if block in chosen else 0
    return moved, key_bits


def _are_alike(thumbs: Pixels, sides: Indices, a: Indices, b: Indices) -> npt.NDArray[np.bool_]:
    """Whether each pair is the same picture to the eye; compared in parts, as there may be very many."""
    verdicts = [np.zeros(0, np.bool_)]
    for start in range(0, len(a), _VERIFIED_AT_ONCE):
        i, j = a[start : start + _VERIFIED_AT_ONCE], b[start : start + _VERIFIED_AT_ONCE]
        first, second = (thumbs[place].reshape(len(place), -1).astype(np.float32) for place in (i, j))
        difference = np.abs(first - second).mean(axis=1)
        first -= first.mean(axis=1, keepdims=True)
        second -= second.mean(axis=1, keepdims=True)
        lengths = np.linalg.norm(first, axis=1), np.linalg.norm(second, axis=1)
        flat = np.minimum(*lengths) < _FLAT * np.sqrt(THUMB_BYTES)
        correlation = np.einsum("ij,ij->i", first, second) / np.maximum(lengths[0] * lengths[1], 1.0)
        small = np.minimum(sides[i], sides[j]) < _SMALL_SIDE
        near = difference <= np.where(small, _SMALL_DIFFERENCE, _LARGE_DIFFERENCE)
        verdicts.append(
            ~flat & near & (correlation >= np.where(small, _SMALL_CORRELATION, _LARGE_CORRELATION))
        )
    return np.concatenate(verdicts)


def _join(root: Indices, a: Indices, b: Indices) -> None:
    """Unite the groups of each pair; `root` holds each picture's first member."""
    while True:
        one, other = root[a], root[b]
        apart = one != other
        if not apart.any():
            return
        np.minimum.at(root, np.maximum(one, other)[apart], np.minimum(one, other)[apart])
        while (above := root[root])[above != root].size:
            root[:] = above


def _cosines() -> npt.NDArray[np.float32]:
    """The 8 lowest basis functions of the cosine transform (DCT-II) of 32 values: (8, 32)."""
    frequency, place = np.arange(8)[:, None], np.arange(HASHED_SIDE)[None, :]
    return np.cos(np.pi * (2 * place + 1) * frequency / (2 * HASHED_SIDE)).astype(np.float32)


_COSINES = _cosines()
