"""Read an inference request of the Open Inference Protocol: JSON and binary tensors into a model's feeds, strictly."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.inference.strict_json import parse_json
from app.inference.tensor_values import bad_request, decode_text, values_from_bytes, values_from_json
from engine.serving.session import Array
from engine.serving.tensors import ANY, NUMPY_TYPES, TensorSpec

#: Rows of one request, whatever their width.
MOST_ROWS = 100_000
Parameters = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class OutputAsk:
    """One output that the client wants.   classification: the k best as text, or 0 for the tensor itself."""

    name: str
    binary: bool = False
    classification: int = 0


@dataclass(frozen=True, kw_only=True)
class InferRequest:
    """A request that fits the model.   id: as given, None without.   timeout_us: 0 for the server's own deadline."""

    id: str | None
    feeds: Mapping[str, Array]
    rows: int
    outputs: tuple[OutputAsk, ...]
    timeout_us: int = 0


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What a model takes and gives.   missing_allowed: null stands for a missing value."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    missing_allowed: bool = False
    by_name: Mapping[str, TensorSpec] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {spec.name: spec for spec in self.inputs})


def read_request(body: bytes | bytearray, header_length: str | None, signature: Signature) -> InferRequest:
    """Return the request in `body`.

    header_length: the header Inference-Header-Content-Length: bytes of JSON before the binary tensors, None when all is
        JSON, "0" for the bytes of the model's one input alone.
    Raises: Refused (400) that names what does not fit.
    """
    length = _header_length(header_length, len(body))
    if not body:
        raise bad_request("The body is empty. Expected an inference request.")
    if length == 0:
        return _raw_request(bytes(body), signature)
    view = memoryview(body)
    message = parse_json(view[:length])
    if not isinstance(message, dict):
        raise bad_request("The request cannot be read. Expected a JSON object with `inputs`.")
    parameters = read_parameters(message, "The request")
    _refuse_sequences(parameters)
    tail = _Tail(view[length:])
    feeds = _read_inputs(message, signature, tail)
    tail.check_empty()
    return InferRequest(
        id=_request_id(message),
        feeds=feeds,
        rows=_rows(feeds, signature),
        outputs=_read_outputs(message, parameters, signature),
        timeout_us=_whole(parameters.get("timeout", 0), "`timeout`"),
    )


def read_parameters(holder: Mapping[str, Any], where: str) -> Parameters:
    """Return the parameters of a request, input or output.   Raises: Refused (400) for a value that is no scalar."""
    parameters = holder.get("parameters", {})
    if not isinstance(parameters, dict):
        raise bad_request(f"{where} has `parameters` that are no object.")
    for name, value in parameters.items():
        if not isinstance(value, (str, int, float, bool)):
            raise bad_request(
                f"{where} has a parameter {name[:100]!r} that is no text, number, true or false."
            )
        if name.startswith("triton_"):
            raise bad_request(
                f"{where} has a parameter {name[:100]!r}; names that begin with triton_ are reserved."
            )
    return parameters


class _Tail:
    """The binary tensors behind the JSON, taken in order."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._at = 0

    def take(self, size: int, name: str) -> memoryview:
        left = len(self._view) - self._at
        if size > left:
            raise bad_request(
                f"Input {name!r} has binary_data_size {size}, but only {left} bytes are left in the body."
            )
        self._at += size
        return self._view[self._at - size : self._at]

    def check_empty(self) -> None:
        if self._at != len(self._view):
            raise bad_request(f"{len(self._view) - self._at} bytes are left behind the last binary tensor.")


def _header_length(text: str | None, size: int) -> int:
    if text is None:
        return size
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise bad_request(f"Inference-Header-Content-Length is no count of bytes: {text[:50]!r}.")
    if int(text) > size:
        raise bad_request(f"Inference-Header-Content-Length is {text}, but the body has {size} bytes.")
    return int(text)


def _request_id(message: Mapping[str, Any]) -> str | None:
    if "id" not in message:
        return None
    if not isinstance(message["id"], str):
        raise bad_request("The request's `id` is no text.")
    return message["id"]


def _refuse_sequences(parameters: Parameters) -> None:
    if any(parameters.get(name) for name in ("sequence_id", "sequence_start", "sequence_end")):
        raise bad_request("Sequences are not supported: every request stands alone.")


def _read_inputs(message: Mapping[str, Any], signature: Signature, tail: _Tail) -> dict[str, Array]:
    inputs = message.get("inputs")
    if not isinstance(inputs, list) or not inputs:
        raise bad_request("The request has no `inputs`. Expected a list of at least one tensor.")
    feeds: dict[str, Array] = {}
    for tensor in inputs:
        if not isinstance(tensor, dict) or not isinstance(tensor.get("name"), str):
            raise bad_request(
                "An input has no `name`. Expected an object with name, shape, datatype and data."
            )
        name = tensor["name"]
        if name in feeds:
            raise bad_request(f"Input {name[:100]!r} comes twice.")
        spec = signature.by_name.get(name)
        if spec is None:
            raise bad_request(
                f"The model has no input {name[:100]!r}. Expected {_listed(signature.by_name)}."
            )
        feeds[name] = _read_tensor(tensor, spec, tail, missing_allowed=signature.missing_allowed)
    absent = [spec.name for spec in signature.inputs if spec.name not in feeds]
    if absent:
        raise bad_request(f"The request lacks {len(absent)} of the model's inputs: {_listed(absent)}.")
    return feeds


def _read_tensor(tensor: Mapping[str, Any], spec: TensorSpec, tail: _Tail, *, missing_allowed: bool) -> Array:
    datatype, where = tensor.get("datatype"), f"Input {spec.name!r}"
    if not isinstance(datatype, str):
        raise bad_request(f"{where} has no `datatype`. Expected {spec.datatype}.")
    if datatype != spec.datatype:
        raise bad_request(
            f"{where} has the wrong datatype. Expected {spec.datatype}. Received {datatype[:50]}."
        )
    shape = _shape(tensor.get("shape"), spec)
    parameters = read_parameters(tensor, where)
    if "binary_data_size" in parameters:
        if "data" in tensor:
            raise bad_request(f"{where} has both `data` and binary_data_size. Expected one of them.")
        size = _whole(parameters["binary_data_size"], f"binary_data_size of input {spec.name!r}")
        return values_from_bytes(tail.take(size, spec.name), spec, shape)
    if "data" not in tensor:
        raise bad_request(f"{where} has no `data`.")
    return values_from_json(tensor["data"], spec, shape, missing_allowed=missing_allowed)


def _shape(shape: Any, spec: TensorSpec) -> tuple[int, ...]:
    where = f"Input {spec.name!r}"
    if not isinstance(shape, list) or any(type(size) is not int or size < 0 for size in shape):
        raise bad_request(f"{where} has no valid `shape`. Expected a list of whole numbers from 0.")
    if len(shape) != len(spec.shape) or any(
        want not in (ANY, got) for want, got in zip(spec.shape, shape, strict=True)
    ):
        raise bad_request(
            f"{where} has the wrong shape. Expected {list(spec.shape)}. Received {str(shape)[:100]}."
        )
    if 0 in shape:
        raise bad_request(f"{where} is empty: its shape is {shape}. Expected at least one row.")
    if shape and shape[0] > MOST_ROWS and spec.shape[0] == ANY:
        raise bad_request(
            f"{where} has too many rows. Expected at most {MOST_ROWS:,}. Received {str(shape[0])[:30]}."
        )
    return tuple(shape)


def _rows(feeds: Mapping[str, Array], signature: Signature) -> int:
    """Return the number of rows, which all inputs with a free first dimension share."""
    counts = {
        name: feed.shape[0] for name, feed in feeds.items() if signature.by_name[name].shape[:1] == (ANY,)
    }
    if len(set(counts.values())) > 1:
        shown = ", ".join(f"{name!r} {count}" for name, count in list(counts.items())[:5])
        raise bad_request(f"The inputs differ in their number of rows: {shown}.")
    return next(iter(counts.values()), 1)


def _raw_request(body: bytes, signature: Signature) -> InferRequest:
    """The body is the one input's bytes; batch 1, and at most one other free dimension."""
    if len(signature.inputs) != 1:
        raise bad_request(
            f"A raw binary request needs a model with one input. This one has {len(signature.inputs)}."
        )
    spec = signature.inputs[0]
    shape = [1 if i == 0 and size == ANY else size for i, size in enumerate(spec.shape)]
    if spec.datatype == "BYTES":
        if any(size not in (ANY, 1) for size in shape):
            raise bad_request("A raw binary request for texts carries one text, but the model reads more.")
        feed: Array = np.empty((1,) * len(shape), dtype=object)
        feed.flat[0] = decode_text(body, f"Input {spec.name!r}", 0)
    else:
        if shape.count(ANY) > 1:
            raise bad_request("A raw binary request needs a model with at most one free dimension.")
        known = math.prod(size for size in shape if size != ANY) * NUMPY_TYPES[spec.datatype].itemsize
        shape = [len(body) // max(1, known) if size == ANY else size for size in shape]
        feed = values_from_bytes(memoryview(body), spec, tuple(shape))
    asks = tuple(OutputAsk(name=output.name, binary=True) for output in signature.outputs)
    return InferRequest(id=None, feeds={spec.name: feed}, rows=1, outputs=asks)


def _read_outputs(
    message: Mapping[str, Any], parameters: Parameters, signature: Signature
) -> tuple[OutputAsk, ...]:
    all_binary = _flag(parameters.get("binary_data_output", False), "binary_data_output")
    names = [spec.name for spec in signature.outputs]
    asked = message.get("outputs", [])
    if not isinstance(asked, list):
        raise bad_request("`outputs` is no list.")
    asks: dict[str, OutputAsk] = {}
    for entry in asked or [{"name": name} for name in names]:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise bad_request("An output has no `name`.")
        name = entry["name"]
        if name not in names:
            raise bad_request(f"The model has no output {name[:100]!r}. Expected {_listed(names)}.")
        if name in asks:
            raise bad_request(f"Output {name!r} is asked for twice.")
        asks[name] = _output(name, read_parameters(entry, f"Output {name!r}"), all_binary=all_binary)
    return tuple(asks.values())


def _output(name: str, parameters: Parameters, *, all_binary: bool) -> OutputAsk:
    return OutputAsk(
        name=name,
        binary=_flag(parameters.get("binary_data", all_binary), f"binary_data of output {name!r}"),
        classification=_whole(parameters.get("classification", 0), f"classification of output {name!r}"),
    )


def _flag(value: Any, what: str) -> bool:
    if not isinstance(value, bool):
        raise bad_request(f"{what} is neither true nor false.")
    return value


def _whole(value: Any, what: str) -> int:
    if type(value) is not int or value < 0:
        raise bad_request(f"{what} is no whole number from 0.")
    return value


def _listed(names: Iterable[str]) -> str:
    some = list(names)
    return ", ".join(map(repr, some[:10])) + (f" and {len(some) - 10} more" if len(some) > 10 else "")
