"""From a picture's file to its row: decoded, measured and hashed, a batch at a time, on several threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from engine.errors import BadData
from engine.modalities.image.decoding import Picture, read_picture
from engine.modalities.image.encoding import canonical
from engine.modalities.image.look_alikes import HASHED_SIDE, digest, signatures
from engine.modalities.image.measures import NAMES, measure, shrink
from engine.modalities.image.source import Found

#: A batch ends at so many pictures or so many bytes of files or pixels.
_BATCH_PICTURES, _BATCH_BYTES = 64, 4 << 20
#: Pixels of one size that are measured at once: their float copies stay in the processor's cache, and below the size
#: from which every array is asked of the system anew (four times as many took half as long again).
_MEASURED_AT_ONCE = 1 << 14
_HASHED_SIZE = (HASHED_SIDE, HASHED_SIDE)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Pictures of one batch that could be read, and those that could not.

    entries, contents: of the good ones.   sizes: int64 (n, 2) width and height.   measures: `NAMES` → (n,).
    digests: 16 bytes each.   hashes: uint64 (n,).   thumbs: uint8 (n, 16, 16, 3).   broken: with the reason.
    """

    entries: tuple[Found, ...]
    contents: tuple[bytes, ...]
    sizes: npt.NDArray[np.int64]
    measures: Mapping[str, npt.NDArray[np.float64]]
    digests: tuple[bytes, ...]
    hashes: npt.NDArray[np.uint64]
    thumbs: npt.NDArray[np.uint8]
    broken: tuple[tuple[Found, str], ...]


def read_rows(found: Iterable[Found], threads: int) -> Iterator[Rows]:
    """Decode everything in `found`, in its order; at most two batches per thread are held."""
    waiting: deque[Future[Rows]] = deque()
    with ThreadPoolExecutor(max_workers=max(1, threads), thread_name_prefix="pictures") as pool:
        try:
            for batch in _batches(found):
                waiting.append(pool.submit(_read_batch, batch))
                if len(waiting) >= 2 * max(1, threads):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _batches(found: Iterable[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    size = 0
    for entry in found:
        batch.append(entry)
        size += entry.size
        if len(batch) >= _BATCH_PICTURES or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _read_batch(batch: Sequence[Found]) -> Rows:
    good: list[Found] = []
    broken: list[tuple[Found, str]] = []
    contents: list[bytes] = []
    digests: list[bytes] = []
    sizes: list[tuple[int, int]] = []
    hashed: list[npt.NDArray[np.uint8]] = []
    small: list[npt.NDArray[np.uint8]] = []
    for entry in batch:
        try:
            picture = _picture(entry)
        except BadData as problem:
            broken.append((entry, problem.message))
            continue
        colour = picture.image if picture.image.mode == "RGB" else picture.image.convert("RGB")
        pixels = np.asarray(colour)
        reduced = shrink(colour)
        good.append(entry)
        contents.append(canonical(picture))
        digests.append(digest(pixels))
        sizes.append(colour.size)
        small.append(pixels if reduced is colour else np.asarray(reduced))
        hashed.append(np.asarray(reduced.resize(_HASHED_SIZE, Image.Resampling.BILINEAR)))
    hashes, thumbs = (
        signatures(np.stack(hashed)) if hashed else signatures(np.zeros((0, *_HASHED_SIZE, 3), np.uint8))
    )
    return Rows(
        entries=tuple(good),
        contents=tuple(contents),
        sizes=np.array(sizes, np.int64).reshape(-1, 2),
        measures=_measure(small),
        digests=tuple(digests),
        hashes=hashes,
        thumbs=thumbs,
        broken=tuple(broken),
    )


def _picture(entry: Found) -> Picture:
    """Decode an entry.   Raises: BadData."""
    if entry.picture is None:
        raise BadData(entry.problem, remedy="Look at the file.")
    if isinstance(entry.picture, bytes):
        return read_picture(entry.picture)
    return Picture(image=Image.fromarray(entry.picture), content=None, is_photo=False)


def _measure(pictures: Sequence[npt.NDArray[np.uint8]]) -> dict[str, npt.NDArray[np.float64]]:
    """Measure pictures of any sizes: those of one size together."""
    by_shape: dict[tuple[int, ...], list[int]] = {}
    for place, picture in enumerate(pictures):
        by_shape.setdefault(picture.shape, []).append(place)
    measured = {name: np.zeros(len(pictures)) for name in NAMES}
    for shape, places in by_shape.items():
        step = max(1, _MEASURED_AT_ONCE // (shape[0] * shape[1]))
        for start in range(0, len(places), step):
            part = places[start : start + step]
            for name, values in measure(np.stack([pictures[place] for place in part])).items():
                measured[name][part] = values
    return measured


def as_columns(rows: Rows) -> dict[str, Any]:
    """Return the measured columns of a batch, by name."""
    return {"width": rows.sizes[:, 0], "height": rows.sizes[:, 1], **rows.measures}
