"""Values of tensors go in exactly, or not at all."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from app.inference.refused import Refused
from app.inference.tensor_values import values_from_bytes, values_from_json
from engine.serving.tensors import NUMPY_TYPES, TensorSpec


def spec(datatype: str, *shape: int) -> TensorSpec:
    return TensorSpec(name="x", datatype=datatype, shape=shape or (-1, 2))


def from_json(data: Any, datatype: str, missing_allowed: bool = False) -> Any:
    return values_from_json(data, spec(datatype), (2, 2), missing_allowed=missing_allowed)


EDGES = {
    name: [int(np.iinfo(kind).min), int(np.iinfo(kind).max)] * 2
    for name, kind in NUMPY_TYPES.items()
    if name.startswith(("INT", "UINT"))
}


@pytest.mark.parametrize("datatype", EDGES)
def test_whole_numbers_to_their_very_ends(datatype: str) -> None:
    values = from_json(EDGES[datatype], datatype)
    assert values.dtype == NUMPY_TYPES[datatype] and values.reshape(-1).tolist() == EDGES[datatype]
    for beyond in (EDGES[datatype][0] - 1, EDGES[datatype][1] + 1, 1.0, True, "1", None):
        with pytest.raises(Refused):
            from_json([0, 0, 0, beyond], datatype)


@pytest.mark.parametrize("datatype", [name for name in NUMPY_TYPES if name not in ("BYTES", "BOOL")])
def test_binary_numbers_come_as_they_are(datatype: str) -> None:
    values = np.arange(4).astype(NUMPY_TYPES[datatype]).reshape(2, 2)
    found = values_from_bytes(memoryview(values.tobytes()), spec(datatype), (2, 2))
    np.testing.assert_array_equal(found, values)
    assert found.dtype == values.dtype
    with pytest.raises(Refused, match="bytes"):
        values_from_bytes(memoryview(values.tobytes() + b"\0"), spec(datatype), (2, 2))


def test_true_and_false() -> None:
    assert from_json([True, False, True, True], "BOOL").tolist() == [[True, False], [True, True]]
    found = values_from_bytes(memoryview(b"\1\0\1\1"), spec("BOOL"), (2, 2))
    assert found.dtype == bool and found.tolist() == [[True, False], [True, True]]
    with pytest.raises(Refused, match="neither 0 nor 1"):
        values_from_bytes(memoryview(b"\1\0\2\1"), spec("BOOL"), (2, 2))
    with pytest.raises(Refused, match="true or false"):
        from_json([1, 0, 1, 1], "BOOL")


def test_missing_values_where_they_are_allowed() -> None:
    assert np.isnan(from_json([1, None, 2.5, None], "FP64", missing_allowed=True)).sum() == 2
    assert from_json(["a", None, "", "b"], "BYTES", missing_allowed=True).tolist() == [["a", ""], ["", "b"]]
    for datatype in ("FP32", "BYTES", "INT8"):
        with pytest.raises(Refused):
            from_json([None] * 4, datatype)


def test_json_cannot_carry_halves() -> None:
    with pytest.raises(Refused, match="FP16"):
        from_json([1, 2, 3, 4], "FP16")


@pytest.mark.parametrize("number", [3.5e38, -1e39, float("inf"), 10**400])
def test_numbers_beyond_float32_are_refused(number: float) -> None:
    with pytest.raises(Refused):
        from_json([0, 0, 0, number], "FP32")


@pytest.mark.parametrize(
    "data", [[[1, 2], [3]], [[1, 2, 3, 4]], [[[1], [2]], [[3], [4]]], [[1, 2], 3], [1, 2, 3], 4, None, {}]
)
def test_data_of_another_form_are_refused(data: Any) -> None:
    with pytest.raises(Refused):
        from_json(data, "FP32")


def prefixed(*texts: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def test_texts_with_their_length_before_them() -> None:
    texts = ["", "a\0b", "城市", " x"]
    content = memoryview(prefixed(*(text.encode() for text in texts)))
    assert values_from_bytes(content, spec("BYTES"), (2, 2)).reshape(-1).tolist() == texts


@pytest.mark.parametrize(
    "content",
    [
        b"",
        prefixed(b"a", b"b", b"c"),
        prefixed(b"a", b"b", b"c", b"d", b"e"),
        prefixed(b"a", b"b", b"c", b"d")[:-1],
        prefixed(b"a", b"b", b"c", b"d") + b"\0",
        prefixed(b"a", b"b", b"c") + struct.pack("<I", 2**32 - 1),
        prefixed(b"a", b"b", b"c", b"\xff"),
    ],
)
def test_texts_that_do_not_fit_are_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        values_from_bytes(memoryview(content), spec("BYTES"), (2, 2))
