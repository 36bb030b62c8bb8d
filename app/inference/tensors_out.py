"""Write an inference response of the Open Inference Protocol: tensors as JSON, as binary, or as the best classes."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.inference.refused import Refused
from app.inference.tensors_in import InferRequest, OutputAsk
from engine.serving.session import Array
from engine.serving.tensors import NUMPY_TYPES


@dataclass(frozen=True, kw_only=True)
class InferResponse:
    """A response's bytes.   header_length: of its JSON, None when there is no binary tensor behind it."""

    content: bytes
    header_length: int | None


def write_response(
    request: InferRequest,
    results: Mapping[str, tuple[str, Array]],
    *,
    model: str,
    version: str,
    labels: Mapping[str, Sequence[str]],
) -> InferResponse:
    """Return the response to `request`.

    Args:   results: output → its datatype and values.   labels: output → names of its columns, for classification.
    Raises: Refused (400) for an output that cannot travel as asked.
    """
    message: dict[str, Any] = {} if request.id is None else {"id": request.id}
    message |= {"model_name": model, "model_version": version, "outputs": []}
    tails: list[bytes] = []
    is_finite = True
    for ask in request.outputs:
        datatype, values = results[ask.name]
        if ask.classification:
            datatype, values = "BYTES", _best(ask, values, labels.get(ask.name, ()))
        entry: dict[str, Any] = {"name": ask.name, "datatype": datatype, "shape": list(values.shape)}
        if ask.binary:
            tails.append(_binary(values, datatype))
            entry["parameters"] = {"binary_data_size": len(tails[-1])}
        else:
            entry["data"], finite = _plain(values, datatype, ask.name)
            is_finite = is_finite and finite
        message["outputs"].append(entry)
    if not is_finite:
        message["parameters"] = {"non_finite": True}
    head = json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    if not tails:
        return InferResponse(content=head, header_length=None)
    return InferResponse(content=b"".join([head, *tails]), header_length=len(head))


def _plain(values: Array, datatype: str, name: str) -> tuple[list[Any], bool]:
    """Return flat JSON values, and whether all were finite: the others are null."""
    if datatype == "FP16":
        raise Refused(
            f"Output {name!r} is FP16, which JSON cannot carry.", remedy="Ask for it with binary_data true."
        )
    flat: list[Any] = values.reshape(-1).tolist()
    if not datatype.startswith("FP") or np.isfinite(values).all():
        return flat, True
    return [value if np.isfinite(value) else None for value in flat], False


def _binary(values: Array, datatype: str) -> bytes:
    if datatype != "BYTES":
        return np.ascontiguousarray(values, dtype=NUMPY_TYPES[datatype]).tobytes()
    encoded = [str(text).encode() for text in values.reshape(-1)]
    return b"".join(part for text in encoded for part in (struct.pack("<I", len(text)), text))


def _best(ask: OutputAsk, values: Array, labels: Sequence[str]) -> Array:
    """Return the k largest of each row as "value:index" or "value:index:label", best first.

    Source: Triton's classification extension.
    """
    if values.dtype == object or values.ndim == 0:
        raise Refused(
            f"Output {ask.name!r} holds no scores to classify by.",
            remedy="Ask for classification of numbers.",
        )
    rows = values.reshape(values.shape[0], -1) if values.ndim > 1 else values.reshape(1, -1)
    k = min(ask.classification, rows.shape[1])
    best = np.argsort(-rows, axis=1, kind="stable")[:, :k]
    texts = np.empty(best.shape, dtype=object)
    for (row, place), found in np.ndenumerate(best):
        column = int(found)
        label = f":{labels[column]}" if column < len(labels) else ""
        texts[row, place] = f"{float(rows[row, column]):f}:{column}{label}"
    return texts if values.ndim > 1 else texts[0]
