"""The values of one input tensor: from JSON or from bytes to an array, refusing whatever is not exactly right."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from app.inference.refused import Refused
from engine.serving.session import Array
from engine.serving.tensors import NUMPY_TYPES, TensorSpec


def values_from_json(data: Any, spec: TensorSpec, shape: tuple[int, ...], *, missing_allowed: bool) -> Array:
    """Return an array of `shape` from JSON `data`, flat or nested as the shape is; null is missing where allowed.

    Raises: Refused (400) that names the input and the element.
    """
    where = f"Input {spec.name!r}"
    if not isinstance(data, list):
        raise bad_request(f"{where} has `data` that is no list.")
    values = _flat(data, spec, shape)
    if len(values) != math.prod(shape):
        raise bad_request(
            f"{where} has {len(values)} values, but its shape {list(shape)} holds {math.prod(shape)}."
        )
    if spec.datatype == "BYTES":
        return _texts(values, where, missing_allowed=missing_allowed).reshape(shape)
    if spec.datatype == "FP16":
        raise bad_request(f"{where} is FP16, which JSON cannot carry. Send it as a binary tensor.")
    return _numbers(values, spec, missing_allowed=missing_allowed).reshape(shape)


def _flat(data: list[Any], spec: TensorSpec, shape: tuple[int, ...]) -> list[Any]:
    """Return row-major values of data that are flat, or nested just as the shape is."""
    if not any(type(item) is list for item in data):
        return data
    level: list[Any] = [data]
    for size in shape:
        if any(type(item) is not list or len(item) != size for item in level):
            raise bad_request(
                f"Input {spec.name!r} has `data` that are nested otherwise than its shape {list(shape)}."
            )
        level = list(chain.from_iterable(level))
    return level


def _texts(values: Sequence[Any], where: str, *, missing_allowed: bool) -> Array:
    flat = np.empty(len(values), dtype=object)
    for at, value in enumerate(values):
        if type(value) is not str and not (value is None and missing_allowed):
            raise _wrong(where, at, "text", value)
        flat[at] = value or ""
    return flat


def _numbers(values: list[Any], spec: TensorSpec, *, missing_allowed: bool) -> Array:
    where, kind = f"Input {spec.name!r}", NUMPY_TYPES[spec.datatype]
    if spec.datatype == "BOOL":
        _check_types(values, {bool}, where, "true or false")
        return np.array(values, dtype=kind)
    if spec.datatype.startswith("FP"):
        return _floats(values, kind, where, missing_allowed=missing_allowed)
    _check_types(values, {int}, where, "a whole number")
    limits = np.iinfo(kind)
    beyond = next((at for at, value in enumerate(values) if not limits.min <= value <= limits.max), None)
    if beyond is not None:
        raise _wrong(where, beyond, f"a whole number in {spec.datatype}'s range", values[beyond])
    return np.array(values, dtype=kind)


def _floats(values: list[Any], kind: np.dtype[Any], where: str, *, missing_allowed: bool) -> Array:
    _check_types(values, {int, float, type(None)} if missing_allowed else {int, float}, where, "a number")
    try:
        doubles = np.array(values, dtype=np.float64)
    except OverflowError as error:
        raise bad_request(f"{where} holds a whole number beyond the range of its datatype.") from error
    beyond = np.flatnonzero(np.abs(doubles) > np.finfo(kind).max)
    if len(beyond):
        raise _wrong(
            where, int(beyond[0]), f"a number within ±{np.finfo(kind).max:.3g}", values[int(beyond[0])]
        )
    return doubles.astype(kind)


def _check_types(values: Iterable[Any], allowed: set[type], where: str, expected: str) -> None:
    if allowed.issuperset(map(type, values)):
        return
    at, value = next((at, value) for at, value in enumerate(values) if type(value) not in allowed)
    raise _wrong(where, at, expected, value)


def values_from_bytes(content: memoryview, spec: TensorSpec, shape: tuple[int, ...]) -> Array:
    """Return an array of `shape` from a binary tensor: little-endian, texts with their length before them.

    Raises: Refused (400) when the bytes are not just as many as the shape holds.
    """
    where, count = f"Input {spec.name!r}", math.prod(shape)
    if spec.datatype == "BYTES":
        return _prefixed_texts(content, count, where).reshape(shape)
    kind = NUMPY_TYPES[spec.datatype]
    if len(content) != count * kind.itemsize:
        raise bad_request(
            f"{where} has {len(content)} bytes, but its shape {list(shape)} holds {count * kind.itemsize}."
        )
    values: Array = np.frombuffer(content, dtype=np.uint8 if spec.datatype == "BOOL" else kind)
    if spec.datatype == "BOOL":
        if values.size and values.max() > 1:
            raise bad_request(f"{where} holds a byte that is neither 0 nor 1.")
        values = values.astype(bool)
    return values.reshape(shape)


def _prefixed_texts(content: memoryview, count: int, where: str) -> Array:
    """Read `count` elements, each a uint32 length (little-endian) and so many bytes."""
    texts: list[str] = []
    at, end = 0, len(content)
    while at < end and len(texts) <= count:
        if at + 4 > end:
            raise bad_request(f"{where} ends within the length of element {len(texts)}.")
        (length,) = struct.unpack_from("<I", content, at)
        at += 4 + length
        if at > end:
            raise bad_request(f"{where} ends within element {len(texts)}.")
        texts.append(decode_text(content[at - length : at], where, len(texts)))
    if len(texts) != count or at != end:
        raise bad_request(f"{where} does not hold {count} elements as its shape says.")
    flat = np.empty(count, dtype=object)
    flat[:] = texts
    return flat


def decode_text(content: memoryview | bytes, where: str, at: int) -> str:
    """Return element `at` of a tensor as text.   Raises: Refused (400) when it is no UTF-8."""
    try:
        return str(content, "utf-8")
    except UnicodeDecodeError as error:
        raise bad_request(
            f"{where} holds bytes in element {at} that are no UTF-8 text, and the model reads text."
        ) from error


def _wrong(where: str, at: int, expected: str, received: Any) -> Refused:
    return bad_request(f"{where}, element {at}: expected {expected}, received {str(received)[:50]!a}.")


def bad_request(message: str) -> Refused:
    """Return the refusal of a request that does not fit the model."""
    return Refused(
        message, status=400, code="bad_request", remedy="See the model's metadata for its inputs and outputs."
    )
