"""The protocol's element types are numpy's, and everything onnxruntime may say of a tensor has one."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import BadModel
from engine.serving.tensors import NUMPY_TYPES, tensor_spec


@pytest.mark.parametrize(
    ("onnx_type", "datatype", "kind"),
    [
        ("tensor(bool)", "BOOL", np.bool_),
        ("tensor(uint8)", "UINT8", np.uint8),
        ("tensor(int64)", "INT64", np.int64),
        ("tensor(float16)", "FP16", np.float16),
        ("tensor(float)", "FP32", np.float32),
        ("tensor(double)", "FP64", np.float64),
        ("tensor(string)", "BYTES", np.object_),
    ],
)
def test_a_type_has_one_name(onnx_type: str, datatype: str, kind: type) -> None:
    spec = tensor_spec("x", onnx_type, ["N", 3, None, -1, 0])
    assert (spec.datatype, spec.shape) == (datatype, (-1, 3, -1, -1, 0))
    assert NUMPY_TYPES[datatype] == np.dtype(kind)


def test_types_that_no_client_can_send_are_refused() -> None:
    with pytest.raises(BadModel, match=r"'x' cannot be served.*Received tensor\(complex64\)"):
        tensor_spec("x", "tensor(complex64)", [1])
