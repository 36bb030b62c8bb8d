"""Publishing writes one whole, proven file, or nothing."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto

from engine.errors import AimassError, WorkFailed
from engine.export import publish as publishing
from engine.export.fuse import Member, fuse
from engine.export.publish import publish, serialise
from engine.serving.model import ServedModel
from engine.serving.wire import graph_sha256
from engine.specs.bundle import METADATA_KEYS
from engine.transforms.graph import Graph
from tests.engine.published import (
    AGE,
    CLASSES,
    TARGET,
    fuse_small,
    make_card,
    make_plan,
    make_table,
    make_task,
    publish_small,
    view_width,
)


def test_facts_are_of_the_file(tmp_path: Path) -> None:
    facts = publish_small(tmp_path / "model.onnx")
    content = facts.path.read_bytes()
    assert facts.size_bytes == len(content)
    assert facts.sha256 == hashlib.sha256(content).hexdigest()
    assert facts.graph_sha256 == graph_sha256(content)
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_metadata_need_only_a_json_parser(tmp_path: Path) -> None:
    path = publish_small(tmp_path / "model.onnx").path
    entries = onnxruntime.InferenceSession(path).get_modelmeta().custom_metadata_map
    assert set(entries) == set(METADATA_KEYS)
    assert (entries["task"], entries["target"]) == ("binary", TARGET)
    assert json.loads(entries["classes"]) == list(CLASSES)
    assert json.loads(entries["card"])["title"] == "Test of 城市"
    assert [column["name"] for column in json.loads(entries["schema"])["columns"]][-1] == TARGET

    def refuse(word: str) -> float:
        raise AssertionError(f"{word} is no JSON")

    golden = json.loads(entries["golden_rows"], parse_constant=refuse)
    assert None in golden["numbers"][AGE]
    assert not any(isinstance(value, float) and math.isnan(value) for value in golden["numbers"][AGE])


def test_the_same_model_gives_the_same_file(tmp_path: Path) -> None:
    assert publish_small(tmp_path / "a.onnx").sha256 == publish_small(tmp_path / "b.onnx").sha256


def test_the_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"old")
    publish_small(path)
    assert ServedModel.open(path).classes == CLASSES


def test_a_model_that_answers_no_number_is_not_published(tmp_path: Path) -> None:
    table, task = make_table(), make_task(())
    plan = make_plan(table)
    graph = Graph()
    features = graph.input("features", TensorProto.FLOAT, ["N", view_width(plan, table.schema, "tree")])
    total = graph.node("ReduceSum", features, graph.constant([1], np.int64), keepdims=1)
    graph.output(total, "scores", TensorProto.FLOAT, ["N", 1])
    model = fuse([Member(graph.model(), "tree")], plan, table.schema, task)
    with pytest.raises(WorkFailed, match=r"with nan\. Expected a finite number"):
        publish(
            model,
            schema=table.schema,
            task=task,
            card=make_card(task),
            rows=table.batch,
            version="0",
            path=tmp_path / "model.onnx",
        )
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_breaks_onnxs_rules_is_not_serialised() -> None:
    model = fuse_small(make_table(), make_task())
    model.graph.node[0].input[0] = "nowhere"
    with pytest.raises(WorkFailed, match="breaks ONNX's rules"):
        serialise(model)


def test_a_model_too_large_for_one_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(publishing, "MAX_MODEL_BYTES", 5_000)
    with pytest.raises(WorkFailed, match="Expected at most 5,000 bytes"):
        publish_small(tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


def test_weights_outside_the_file_are_refused(tmp_path: Path) -> None:
    table, task = make_table(), make_task()
    model = fuse_small(table, task)
    onnx.external_data_helper.convert_model_to_external_data(model, location="weights.bin", size_threshold=0)
    with pytest.raises(AimassError):
        publish(
            model,
            schema=table.schema,
            task=task,
            card=make_card(task),
            rows=table.batch,
            version="0",
            path=tmp_path / "model.onnx",
        )
    assert list(tmp_path.iterdir()) == []
