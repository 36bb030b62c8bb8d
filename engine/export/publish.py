"""Turn a fused model into the one file that is the product: metadata in, proven, written in one step."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx
import pyarrow as pa
from onnx import checker, helper

from engine.errors import WorkFailed
from engine.export.golden import make_golden_rows
from engine.files import write_bytes
from engine.serving.model import ServedModel
from engine.serving.session import Session
from engine.serving.verify import verify_model
from engine.serving.wire import graph_sha256
from engine.specs.bundle import MAX_MODEL_BYTES, ModelCard, write_metadata
from engine.specs.schema import InputType, Schema
from engine.specs.training import TaskSpec


@dataclass(frozen=True, kw_only=True)
class BundleFacts:
    """The file that was published.   sha256: of the whole file.   inputs: name → "float", "string" or "image"."""

    path: Path
    size_bytes: int
    sha256: str
    graph_sha256: str
    golden_rows: int
    inputs: Mapping[str, InputType]


def publish(
    model: onnx.ModelProto,
    *,
    schema: Schema,
    task: TaskSpec,
    card: ModelCard,
    rows: pa.RecordBatch,
    version: str,
    path: Path,
) -> BundleFacts:
    """Write `model` to `path` with its metadata, once a fresh onnxruntime session has proven the very bytes.

    Args:    model: from `fuse`; it is not changed.   schema: of the whole table, target included.
             rows: real rows in model-input form to choose golden rows from; a few thousand serve best.
             version: of AI Mass.
    Raises:  WorkFailed when the model is larger than 2 GiB, keeps weights outside, breaks ONNX's rules, or
    answers with something that is no finite number.   BadModel when the finished bytes do not verify.
    """
    bare = serialise(model)
    golden = make_golden_rows(Session(bare), rows)
    digest = graph_sha256(bare)
    entries = write_metadata(
        card=card,
        classes=task.classes,
        schema=schema,
        golden_rows=golden,
        version=version,
        graph_sha256=digest,
    )
    bundle = onnx.ModelProto()
    bundle.CopyFrom(model)
    helper.set_model_props(bundle, entries)
    content = serialise(bundle)
    served = ServedModel.from_bytes(content)
    verify_model(served)
    write_bytes(path, content)
    return BundleFacts(
        path=path,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        graph_sha256=digest,
        golden_rows=golden.rows,
        inputs=dict(served.inputs),
    )


def serialise(model: onnx.ModelProto) -> bytes:
    """Return the bytes of a checked model; the same model gives the same bytes.

    Raises: WorkFailed when it is larger than 2 GiB or breaks ONNX's rules.
    """
    size = model.ByteSize()
    if size > MAX_MODEL_BYTES:
        raise WorkFailed(
            f"The model is too large for one ONNX file. Expected at most {MAX_MODEL_BYTES:,} bytes. "
            f"Received {size:,}.",
            remedy="Leave the largest family out with --families, for example forests or neighbours.",
        )
    try:
        checker.check_model(model, full_check=True)
    except (checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise WorkFailed(
            f"The model breaks ONNX's rules: {str(error)[:300]}",
            remedy="Leave the family out with --families, and report this message.",
        ) from error
    return model.SerializeToString(deterministic=True)
