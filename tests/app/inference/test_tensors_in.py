"""Requests to models of other forms than a table's: one input, several dimensions, raw bytes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inference.refused import Refused
from app.inference.tensors_in import Signature, read_request
from engine.serving.tensors import TensorSpec

OUT = (TensorSpec(name="y", datatype="FP32", shape=(-1, 2)),)


def signature(datatype: str, *shape: int) -> Signature:
    return Signature(inputs=(TensorSpec(name="x", datatype=datatype, shape=shape),), outputs=OUT)


def ask(made: Signature, **tensor: Any) -> Any:
    message = {"inputs": [{"name": "x", "datatype": made.inputs[0].datatype} | tensor]}
    return read_request(json.dumps(message).encode(), None, made)


def test_nested_data_of_three_dimensions() -> None:
    found = ask(signature("INT64", -1, 2, 3), shape=[1, 2, 3], data=[[[1, 2, 3], [4, 5, 6]]])
    assert found.feeds["x"].tolist() == [[[1, 2, 3], [4, 5, 6]]] and found.rows == 1


def test_a_scalar_batch_free_model_has_one_row() -> None:
    assert ask(signature("FP32", 4), shape=[4], data=[1, 2, 3, 4]).rows == 1


def test_a_raw_body_is_the_one_input() -> None:
    values = np.arange(6, dtype="<f4")
    found = read_request(values.tobytes(), "0", signature("FP32", -1, -1, 3))
    assert found.feeds["x"].tolist() == [[[0, 1, 2], [3, 4, 5]]]
    assert [ask.binary for ask in found.outputs] == [True]
    text = read_request("城市".encode(), "0", signature("BYTES", -1, 1))
    assert text.feeds["x"].tolist() == [["城市"]]


@pytest.mark.parametrize(
    ("made", "body"),
    [
        (signature("FP32", -1, 3), b"\0" * 24),
        (signature("FP32", -1, 3), b"\0" * 11),
        (signature("FP32", -1, -1, -1), b"\0" * 12),
        (signature("BYTES", -1, 2), b"text"),
        (signature("BYTES", -1, 1), b"\xff"),
        (signature("FP32", -1, 3), b""),
    ],
)
def test_a_raw_body_that_does_not_fit_is_refused(made: Signature, body: bytes) -> None:
    with pytest.raises(Refused) as caught:
        read_request(body, "0", made)
    assert caught.value.status == 400


def test_the_clients_own_deadline_is_read() -> None:
    message = {
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [1], "data": [1]}],
        "parameters": {"timeout": 500, "priority": 1},
    }
    made = signature("FP32", -1)
    assert read_request(json.dumps(message).encode(), None, made).timeout_us == 500
    message["parameters"] = {"timeout": -1}
    with pytest.raises(Refused, match="timeout"):
        read_request(json.dumps(message).encode(), None, made)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["x", "FP32", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["inputs", "name", "shape", "datatype", "data", "parameters", "outputs", "id"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON)
def test_any_message_is_read_or_refused_with_400(message: Any, tensor: Any) -> None:
    made = signature("FP32", -1, 1)
    for value in (
        message,
        {"inputs": [tensor]},
        {"inputs": [{"name": "x", "datatype": "FP32", "shape": tensor, "data": message}]},
    ):
        try:
            read_request(json.dumps(value).encode(), None, made)
        except Refused as refused:
            assert refused.status == 400


@given(st.binary(max_size=64), st.text(max_size=5) | st.none())
def test_any_bytes_are_read_or_refused_with_400(body: bytes, header: str | None) -> None:
    try:
        read_request(body, header, signature("FP32", -1, 1))
    except Refused as refused:
        assert refused.status == 400
