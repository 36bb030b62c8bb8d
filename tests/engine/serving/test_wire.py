"""The walker over protobuf fields ignores metadata and finds external data wherever they hide."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from engine.errors import BadModel
from engine.serving.session import Session
from engine.serving.wire import graph_sha256, metadata_entries, refuse_external_data


def small_model(tensor: TensorProto | None = None, *, in_branch: bool = False) -> onnx.ModelProto:
    tensor = tensor or numpy_helper.from_array(np.ones(3, np.float32), "location")
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    constant = helper.make_node("Constant", [], ["y"], value=tensor)
    if in_branch:
        branch = helper.make_graph([constant], "branch", [], [out])
        choice = helper.make_tensor_value_info("c", TensorProto.BOOL, [])
        node = helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)
        return helper.make_model(helper.make_graph([node], "g", [choice], [out]))
    node = helper.make_node("Identity", [tensor.name], ["y"])
    return helper.make_model(helper.make_graph([node], "g", [], [out], initializer=[tensor]))


def external(name: str = "w") -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[3])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    return tensor


def test_the_digest_is_of_what_computes() -> None:
    model = small_model()
    digest = graph_sha256(model.SerializeToString())
    helper.set_model_props(model, {"card": "{}"})
    model.producer_name, model.doc_string = "someone", "words"
    assert graph_sha256(model.SerializeToString()) == digest
    model.opset_import[0].version -= 1
    assert graph_sha256(model.SerializeToString()) != digest


@pytest.mark.parametrize("in_branch", [False, True])
def test_weights_outside_the_file_are_refused(in_branch: bool) -> None:
    with pytest.raises(BadModel, match="outside its file"):
        refuse_external_data(small_model(external(), in_branch=in_branch).SerializeToString())
    refuse_external_data(small_model(in_branch=in_branch).SerializeToString())


def test_foreign_models_can_be_walked(shared_data: Path) -> None:
    digests = set()
    for path in (shared_data / "models").glob("*.onnx"):
        content = path.read_bytes()
        refuse_external_data(content)
        digests.add(graph_sha256(content))
    assert len(digests) == 3


@given(st.binary(max_size=200))
def test_any_bytes_are_walked_or_refused(content: bytes) -> None:
    for check in (graph_sha256, refuse_external_data):
        try:
            check(content + b"location")
        except BadModel as error:
            assert error.remedy


def test_a_file_without_a_graph_is_no_model() -> None:
    with pytest.raises(BadModel, match="no graph"):
        graph_sha256(onnx.ModelProto(ir_version=10).SerializeToString())


def test_metadata_are_read_without_onnxruntime(classifier: Path) -> None:
    entries = metadata_entries(classifier.read_bytes())
    assert entries == Session(classifier.read_bytes()).metadata
    with classifier.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        assert metadata_entries(content) == entries


@given(st.binary(max_size=60))
def test_metadata_of_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        assert isinstance(metadata_entries(content), dict)
    except BadModel as error:
        assert "not a whole ONNX model" in error.message
