"""Read an ONNX file's outer protobuf fields without the `onnx` package: digests, and the refusal of
external data.

An ONNX file is one ModelProto; on the wire a message is a run of (tag, value), tag = field number × 8 +
wire type.
Source: https://protobuf.dev/programming-guides/encoding/ and onnx/onnx.proto (field numbers).
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterator, Mapping

from engine.errors import BadModel

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

#: ModelProto fields that decide what is computed: ir_version, graph, opset_import, functions.
_COMPUTING_FIELDS = (1, 7, 8, 25)
_GRAPH = 7
_METADATA = 14
#: Where tensors can hide: message → field → message. Tensor fields 13 and 14 name data outside the file.
_CHILDREN: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
_EXTERNAL_TENSOR_FIELDS = (13, 14)
#: Every entry that points outside the file has the key "location"; without these bytes there is none.
_EXTERNAL_MARK = b"location"
_MAX_DEPTH = 64


def graph_sha256(content: bytes) -> str:
    """Return the SHA-256 over what computes in a serialised ModelProto: all of it but names, texts and
    metadata.

    Each field goes in as number, length and bytes, in file order, so neither order nor borders can shift
    unseen.
    Raises: BadModel when `content` is not a protobuf message with a graph.
    """
    digest = hashlib.sha256()
    has_graph = False
    view = memoryview(content)
    for number, start, end in _fields(content, 0, len(content)):
        if number in _COMPUTING_FIELDS:
            digest.update(f"{number}:{end - start}:".encode())
            digest.update(view[start:end])
            has_graph = has_graph or number == _GRAPH
    if not has_graph:
        raise _not_onnx("no graph")
    return digest.hexdigest()


def metadata_entries(content: bytes | mmap.mmap) -> dict[str, str]:
    """Return the metadata entries of a serialised ModelProto, without onnxruntime and without reading its weights.

    Raises: BadModel when the bytes are no protobuf message, or an entry is no text.
    """
    entries: dict[str, str] = {}
    for number, start, end in _fields(content, 0, len(content)):
        if number == _METADATA:
            parts = {part: content[first:last] for part, first, last in _fields(content, start, end)}
            try:
                entries[parts.get(1, b"").decode()] = parts.get(2, b"").decode()
            except UnicodeDecodeError as error:
                raise _not_onnx("a metadata entry that is no text") from error
    return entries


def refuse_external_data(content: bytes) -> None:
    """Check that every weight is inside the file, so that loading it opens no other file.

    Raises: BadModel when a tensor's data lie outside, or the bytes are not a protobuf message.
    """
    _refuse_external(content, "model", 0, len(content), 0)


def _refuse_external(content: bytes, kind: str, start: int, end: int, depth: int) -> None:
    if content.find(_EXTERNAL_MARK, start, end) < 0:
        return
    if depth > _MAX_DEPTH:
        raise _not_onnx("graphs nested too deep")
    for number, first, last in _fields(content, start, end):
        if kind == "tensor" and number in _EXTERNAL_TENSOR_FIELDS and content[first:last] != b"\x00":
            raise BadModel(
                "The model keeps weights outside its file. Expected one file that holds everything. "
                "Received a tensor with external data.",
                remedy="Save the model as one ONNX file without external data.",
            )
        child = _CHILDREN[kind].get(number)
        if child is not None:
            _refuse_external(content, child, first, last, depth + 1)


def _fields(content: bytes | mmap.mmap, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield (field number, first byte, byte after) of the values of the message in content[start:end]."""
    at = start
    while at < end:
        tag, at = _varint(content, at, end)
        wire = tag & 7
        first = at
        if wire == _VARINT:
            _, at = _varint(content, at, end)
        elif wire == _BYTES:
            length, first = _varint(content, at, end)
            at = first + length
        elif wire in (_FIXED64, _FIXED32):
            at += 8 if wire == _FIXED64 else 4
        else:
            raise _not_onnx(f"wire type {wire}")
        if at > end:
            raise _not_onnx("a field that ends behind the file's end")
        yield tag >> 3, first, at


def _varint(content: bytes | mmap.mmap, at: int, end: int) -> tuple[int, int]:
    """Return the number at `at` and the position behind it."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= end:
            break
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise _not_onnx("a number that does not end")


def _not_onnx(found: str) -> BadModel:
    return BadModel(
        f"The file is not a whole ONNX model. Expected a serialised ModelProto. Received {found}.",
        remedy="Fetch an unchanged copy of the model file.",
    )
