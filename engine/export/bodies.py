"""Make a family's ONNX body ready to join others in one graph: own names, one opset, no local functions."""

from __future__ import annotations

from collections.abc import Callable

import onnx
from onnx import inliner, version_converter

from engine.errors import WorkFailed
from engine.transforms.graph import MICROSOFT_DOMAIN, ML_DOMAIN, ML_OPSET, OPSET

BODY_INPUT = "features"
BODY_OUTPUT = "scores"
Rename = Callable[[str], str]


def prepare_body(body: onnx.ModelProto, prefix: str, features: str) -> tuple[onnx.GraphProto, str]:
    """Return the body's graph reading the tensor `features`, and the name of its scores.

    Every other name gets `prefix`, so that bodies can be joined; the body itself is left as it is.
    Raises: WorkFailed when the body does not keep the families' contract: input `features`, output
    `scores`, and operator sets that stock onnxruntime and the rest of the graph can share.
    """
    names = [entry.name for entry in body.graph.input], [entry.name for entry in body.graph.output]
    if names != ([BODY_INPUT], [BODY_OUTPUT]):
        raise _refused(f"input `{BODY_INPUT}` and output `{BODY_OUTPUT}`", f"{names[0]} and {names[1]}")
    if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in body.graph.initializer):
        raise _refused("weights inside the model", "external data")
    graph = onnx.GraphProto()
    graph.CopyFrom(_in_house_opset(body).graph)
    _rename_graph(graph, lambda name: features if name == BODY_INPUT else f"{prefix}{name}" if name else "")
    return graph, f"{prefix}{BODY_OUTPUT}"


def _in_house_opset(body: onnx.ModelProto) -> onnx.ModelProto:
    """Return the body in the house's operator sets.

    Operators of ai.onnx.ml up to version 4 mean the same in version 4, LabelEncoder of version 1 aside: later
    versions only added attributes. The default domain is converted by onnx's own converter.
    """
    if body.functions:
        body = inliner.inline_local_functions(body)
    versions = {entry.domain: entry.version for entry in body.opset_import}
    used = {node.domain for node in body.graph.node}
    strange = used - {"", "ai.onnx", ML_DOMAIN, MICROSOFT_DOMAIN}
    if strange:
        raise _refused("operators of stock onnxruntime", f"operators of {sorted(strange)}")
    ml_version = versions.get(ML_DOMAIN, ML_OPSET)
    has_old_encoder = ml_version < 2 and any(node.op_type == "LabelEncoder" for node in body.graph.node)
    if ML_DOMAIN in used and (ml_version > ML_OPSET or has_old_encoder):
        raise _refused(f"{ML_DOMAIN} {ML_OPSET}", f"{ML_DOMAIN} {ml_version}")
    if versions.get("", OPSET) != OPSET:
        try:
            return version_converter.convert_version(body, OPSET)
        except RuntimeError as error:
            raise _refused(f"operators convertible to opset {OPSET}", str(error)[:200]) from error
    return body


def _rename_graph(graph: onnx.GraphProto, rename: Rename) -> None:
    # Shapes noted by converters use symbols such as "unk_1"; two bodies' equal symbols would be taken for
    # equal sizes.
    del graph.value_info[:]
    for entry in (*graph.input, *graph.output, *graph.initializer):
        entry.name = rename(entry.name)
    for sparse in graph.sparse_initializer:
        sparse.values.name = rename(sparse.values.name)
    for node in graph.node:
        node.name = rename(node.name)
        node.input[:] = [rename(name) for name in node.input]
        node.output[:] = [rename(name) for name in node.output]
        for attribute in node.attribute:
            for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                _rename_graph(inner, rename)


def _refused(expected: str, received: str) -> WorkFailed:
    return WorkFailed(
        f"A model family's export cannot be joined. Expected {expected}. Received {received}.",
        remedy="Leave this family out with --families, and report the family.",
    )
