"""The element types of the Open Inference Protocol: their names, their numpy types, what onnxruntime calls them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import BadModel

#: A dimension that every request chooses.
ANY = -1

#: Protocol name → numpy type, little-endian as binary tensors travel; BYTES are Python objects.
NUMPY_TYPES: Mapping[str, np.dtype[Any]] = {
    "BOOL": np.dtype(np.bool_),
    "UINT8": np.dtype("u1"),
    "UINT16": np.dtype("<u2"),
    "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"),
    "INT8": np.dtype("i1"),
    "INT16": np.dtype("<i2"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "FP16": np.dtype("<f2"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
    "BYTES": np.dtype(object),
}
_ONNX_TYPES: Mapping[str, str] = {
    "tensor(bool)": "BOOL",
    "tensor(uint8)": "UINT8",
    "tensor(uint16)": "UINT16",
    "tensor(uint32)": "UINT32",
    "tensor(uint64)": "UINT64",
    "tensor(int8)": "INT8",
    "tensor(int16)": "INT16",
    "tensor(int32)": "INT32",
    "tensor(int64)": "INT64",
    "tensor(float16)": "FP16",
    "tensor(float)": "FP32",
    "tensor(double)": "FP64",
    "tensor(string)": "BYTES",
}


@dataclass(frozen=True, kw_only=True)
class TensorSpec:
    """One input or output of a model.   datatype: a protocol name.   shape: -1 where a request chooses."""

    name: str
    datatype: str
    shape: tuple[int, ...]


def tensor_spec(name: str, onnx_type: str, shape: Sequence[int | str | None]) -> TensorSpec:
    """Return what onnxruntime says of an input or output in the protocol's words.

    >>> tensor_spec("x", "tensor(float)", ["N", 3])
    TensorSpec(name='x', datatype='FP32', shape=(-1, 3))

    Raises: BadModel for an element type that the protocol does not know.
    """
    if onnx_type not in _ONNX_TYPES:
        raise BadModel(
            f"The model's tensor {name!r} cannot be served. Expected one of {', '.join(_ONNX_TYPES)}. "
            f"Received {onnx_type}.",
            remedy="Publish the model again.",
        )
    sizes = tuple(size if isinstance(size, int) and size >= 0 else ANY for size in shape)
    return TensorSpec(name=name, datatype=_ONNX_TYPES[onnx_type], shape=sizes)
