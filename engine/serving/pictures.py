"""Answer pictures of any size: decoded one by one, those of one size run together, in bounded memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from engine.errors import BadData
from engine.modalities.image import decode
from engine.serving.session import Array, Session, Stop, Stopped
from engine.specs.schema import InputType
from engine.words import words

#: Pixels that wait, decoded, for others of their size; a larger picture is run alone.
MOST_PIXEL_BYTES = 32 << 20
#: Pictures of one run: what a network keeps of each while it computes is many times what comes in. More than these
#: make a run on a processor no faster for each.
MOST_TOGETHER = 32
#: A run of more needs a GiB and more while its pixels are numbers: one such at a time in a process.
_LARGE_BYTES = 24 << 20
_LARGE_RUN = threading.Lock()
_PATIENCE = 0.1

Pixels = npt.NDArray[np.uint8]
Feeds = Mapping[str, Array]


def picture_input(inputs: Mapping[str, InputType]) -> str | None:
    """Return the name of the input that takes pictures; None for a model that reads none."""
    return next((name for name, kind in inputs.items() if kind == "image"), None)


def run_pictures(
    session: Session,
    feeds: Feeds,
    name: str,
    *,
    outputs: Sequence[str] | None = None,
    stop: Stop | None = None,
    first_row: int = 0,
    broken: dict[int, str] | None = None,
) -> list[Array]:
    """Return the model's outputs (all of them when None) for all rows of `feeds`, in the rows' order.

    feeds: the input `name` holds the files of pictures, bytes objects (rows, 1), or pixels of one size, uint8
        (rows, H, W, 3); the others hold (rows, 1).   first_row: number of the first row, for messages.
    broken: receives row → problem for pictures that cannot be read; the outputs are then of the other rows only.
    Raises: BadData that names the row when a picture is missing or cannot be read; WorkFailed when onnxruntime fails;
        Stopped when `stop` ended it.
    """
    groups = _stacked(feeds[name]) if feeds[name].ndim > 2 else _decoded(feeds[name], stop, first_row, broken)
    places: list[npt.NDArray[np.intp]] = []
    parts: list[list[Array]] = []
    for rows, pixels in groups:
        others = {other: feed[rows] for other, feed in feeds.items() if other != name}
        with _turn(pixels.nbytes, stop):
            parts.append(session.run({**others, name: pixels}, outputs, stop))
        places.append(rows)
    if not parts:
        return _nothing(session, outputs)
    back = np.argsort(np.concatenate(places), kind="stable")
    return [np.concatenate(column)[back] for column in zip(*parts, strict=True)]


def decode_row(content: bytes, row: int) -> Pixels:
    """Return the pixels, (H, W, 3), of the file in row number `row`, from 0.   Raises: BadData that names the row."""
    try:
        return decode(content)
    except BadData as error:
        raise _unreadable(content, row, error) from error


def _unreadable(content: bytes, row: int, error: BadData) -> BadData:
    """Return the refusal of a row whose picture is missing or could not be decoded."""
    if not content:
        return BadData(
            words("Row {row:,} has no picture. Expected one in every row.", row=row + 1),
            remedy=words("Give row {row:,} a picture, or leave the row out.", row=row + 1),
        )
    return BadData(
        words("The picture of row {row:,} cannot be read. {why}", row=row + 1, why=error.message),
        remedy=error.remedy,
    )


def _stacked(pixels: Array) -> Iterator[tuple[npt.NDArray[np.intp], Array]]:
    """Yield pixels of one size in parts that a run may hold."""
    each = max(1, pixels[:1].nbytes)
    step = max(1, min(MOST_TOGETHER, MOST_PIXEL_BYTES // each))
    for first in range(0, len(pixels), step):
        part = pixels[first : first + step]
        yield np.arange(first, first + len(part)), part


def _decoded(
    files: Array, stop: Stop | None, first_row: int, broken: dict[int, str] | None
) -> Iterator[tuple[npt.NDArray[np.intp], Array]]:
    """Yield row numbers and their pixels, (n, H, W, 3), as soon as enough of one size are together."""
    waiting: dict[tuple[int, ...], list[tuple[int, Pixels]]] = {}
    held = 0
    for row, content in enumerate(files.reshape(-1)):
        check_stop(stop)
        try:
            pixels = decode(content)
        except BadData as error:
            if broken is None:
                raise _unreadable(content, first_row + row, error) from error
            broken[row] = error.message
            continue
        group = waiting.setdefault(pixels.shape, [])
        group.append((row, pixels))
        held += pixels.nbytes
        is_full = len(group) == MOST_TOGETHER
        if is_full or held > MOST_PIXEL_BYTES:
            size = pixels.shape if is_full else max(waiting, key=lambda size: _bytes(waiting[size]))
            held -= _bytes(waiting[size])
            yield _together(waiting.pop(size))
    while waiting:
        yield _together(waiting.popitem()[1])


@contextmanager
def _turn(size: int, stop: Stop | None) -> Iterator[None]:
    """Let large runs take turns.   Raises: Stopped."""
    if size <= _LARGE_BYTES:
        yield
        return
    while not _LARGE_RUN.acquire(timeout=_PATIENCE):
        check_stop(stop)
    try:
        yield
    finally:
        _LARGE_RUN.release()


def check_stop(stop: Stop | None) -> None:
    """Raise Stopped when a run was told to end."""
    if stop is not None and stop.asked:
        raise Stopped("The model's answer took too long and was stopped.", remedy="Send fewer rows at once.")


def _bytes(group: Sequence[tuple[int, Pixels]]) -> int:
    return sum(pixels.nbytes for _, pixels in group)


def _together(group: Sequence[tuple[int, Pixels]]) -> tuple[npt.NDArray[np.intp], Array]:
    return np.array([row for row, _ in group]), np.stack([pixels for _, pixels in group])


def _nothing(session: Session, outputs: Sequence[str] | None) -> list[Array]:
    """Return the outputs for no rows, which no run can give: a picture must have a size."""
    specs = {spec.name: spec for spec in session.tensor_outputs}
    shapes = [specs[name] for name in outputs or specs]
    return [
        np.empty(
            (0, *(max(1, size) for size in spec.shape[1:])), object if spec.datatype == "BYTES" else "f4"
        )
        for spec in shapes
    ]
