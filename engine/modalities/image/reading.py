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

#: A batch ends at so many different pictures, so many bytes of their files or pixels, or so many rows that show them.
_BATCH_PICTURES, _BATCH_BYTES, _BATCH_ROWS = 64, 4 << 20, 2048
#: Pixels of one size that are measured at once: their float copies stay in the processor's cache, and below the size
#: from which every array is asked of the system anew (four times as many took half as long again).
_MEASURED_AT_ONCE = 1 << 14
_HASHED_SIZE = (HASHED_SIDE, HASHED_SIDE)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Entries of one batch that could be read, and those that could not.

    entries: the good ones (rows,).   pictures: int64 (rows,), which of the n different pictures below each shows: a
        file that is named again and again is read once.
    contents: bytes of the n.   sizes: int64 (n, 2) width and height.   measures: `NAMES` → (n,).
    digests: 16 bytes each.   hashes: uint64 (n,).   thumbs: uint8 (n, 16, 16, 3).   broken: with the reason.
    """

    entries: tuple[Found, ...]
    pictures: npt.NDArray[np.int64]
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
    held: set[int] = set()
    different = size = 0
    for entry in found:
        batch.append(entry)
        if entry.picture is None or id(entry.picture) not in held:
            held.add(id(entry.picture))
            different += 1
            size += entry.size
        if different >= _BATCH_PICTURES or size >= _BATCH_BYTES or len(batch) >= _BATCH_ROWS:
            yield batch
            batch, held, different, size = [], set(), 0, 0
    if batch:
        yield batch


def _read_batch(batch: Sequence[Found]) -> Rows:
    good: list[Found] = []
    shown: list[int] = []
    broken: list[tuple[Found, str]] = []
    # By the object itself, which the batch keeps alive: files need not be compared.
    places: dict[int, int] = {}
    reasons: dict[int, str] = {}
    read = _Read()
    for entry in batch:
        key = id(entry.picture)
        if key not in places and (entry.picture is None or key not in reasons):
            try:
                places[key] = read.add(_picture(entry))
            except BadData as problem:
                reasons[key] = problem.message
        if key in places:
            good.append(entry)
            shown.append(places[key])
        else:
            broken.append((entry, reasons[key]))
    hashes, thumbs = read.signatures()
    return Rows(
        entries=tuple(good),
        pictures=np.array(shown, np.int64),
        contents=tuple(read.contents),
        sizes=np.array(read.sizes, np.int64).reshape(-1, 2),
        measures=_measure(read.small),
        digests=tuple(read.digests),
        hashes=hashes,
        thumbs=thumbs,
        broken=tuple(broken),
    )


class _Read:
    """The different pictures of a batch."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []
        self.digests: list[bytes] = []
        self.sizes: list[tuple[int, int]] = []
        self.small: list[npt.NDArray[np.uint8]] = []
        self._hashed: list[npt.NDArray[np.uint8]] = []

    def add(self, picture: Picture) -> int:
        """Take in one more and return its place."""
        colour = picture.image if picture.image.mode == "RGB" else picture.image.convert("RGB")
        pixels = np.asarray(colour)
        reduced = shrink(colour)
        self.contents.append(canonical(picture))
        self.digests.append(digest(pixels))
        self.sizes.append(colour.size)
        self.small.append(pixels if reduced is colour else np.asarray(reduced))
        self._hashed.append(np.asarray(reduced.resize(_HASHED_SIZE, Image.Resampling.BILINEAR)))
        return len(self.contents) - 1

    def signatures(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8]]:
        """Return the hashes (n,) and small copies (n, 16, 16, 3)."""
        hashed = np.stack(self._hashed) if self._hashed else np.zeros((0, *_HASHED_SIZE, 3), np.uint8)
        return signatures(hashed)


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
    """Return the measured columns of the rows of a batch, by name."""
    measured = {"width": rows.sizes[:, 0], "height": rows.sizes[:, 1], **rows.measures}
    return {name: values[rows.pictures] for name, values in measured.items()}
