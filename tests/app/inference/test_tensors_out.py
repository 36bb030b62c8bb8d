"""Answers travel as JSON or as bytes, and what JSON cannot say is said beside it."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import pytest

from app.inference.refused import Refused
from app.inference.tensors_in import InferRequest, OutputAsk
from app.inference.tensors_out import InferResponse, write_response

SCORES = np.array([[0.25, 0.75], [0.5, np.nan]], np.float32)


def respond(values: Any, datatype: str = "FP32", request_id: str | None = None, **ask: Any) -> InferResponse:
    request = InferRequest(id=request_id, feeds={}, rows=2, outputs=(OutputAsk(name="y", **ask),))
    results = {"y": (datatype, np.asarray(values))}
    return write_response(request, results, model="m", version="3", labels={"y": ("no", "yes")})


def test_the_keys_come_in_the_order_that_clients_saw_first() -> None:
    message = json.loads(respond([[1.0]], request_id="7").content)
    assert list(message) == ["id", "model_name", "model_version", "outputs"]
    assert message["outputs"] == [{"name": "y", "datatype": "FP32", "shape": [1, 1], "data": [1.0]}]


def test_what_is_not_finite_is_null_in_json_and_exact_in_bytes() -> None:
    message = json.loads(respond(SCORES).content)
    assert message["outputs"][0]["data"] == [0.25, 0.75, 0.5, None]
    assert message["parameters"] == {"non_finite": True}
    binary = respond(SCORES, binary=True)
    assert binary.header_length is not None
    np.testing.assert_array_equal(
        np.frombuffer(binary.content[binary.header_length :], "<f4"), SCORES.reshape(-1)
    )


def test_texts_in_both_forms() -> None:
    texts = np.array([["城"], ["a\0"]], dtype=object)
    assert json.loads(respond(texts, "BYTES").content)["outputs"][0]["data"] == ["城", "a\0"]
    binary = respond(texts, "BYTES", binary=True)
    tail = binary.content[binary.header_length :]
    assert tail == struct.pack("<I", 3) + "城".encode() + struct.pack("<I", 2) + b"a\0"


def test_the_best_classes_with_their_names() -> None:
    scores = np.array([[0.25, 0.75], [0.9, 0.1]], np.float32)
    output = json.loads(respond(scores, classification=5).content)["outputs"][0]
    assert (output["datatype"], output["shape"]) == ("BYTES", [2, 2])
    assert output["data"] == ["0.750000:1:yes", "0.250000:0:no", "0.900000:0:no", "0.100000:1:yes"]
    with pytest.raises(Refused, match="no scores"):
        respond(np.array([["a"]], dtype=object), "BYTES", classification=1)


def test_halves_only_travel_as_bytes() -> None:
    halves = np.array([1.5], np.float16)
    with pytest.raises(Refused, match="FP16"):
        respond(halves, "FP16")
    assert respond(halves, "FP16", binary=True).content.endswith(halves.tobytes())
