"""Verification sees every change: a weight, metadata, golden rows, a cut file, a stranger's model."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import onnx
import pytest
from onnx import helper, numpy_helper

from engine.errors import BadCommand, BadModel
from engine.serving.verify import verify
from engine.serving.wire import graph_sha256
from engine.specs.bundle import (
    KEY_CARD,
    KEY_GOLDEN_ROWS,
    KEY_GRAPH_SHA256,
    KEY_METADATA_SHA256,
    metadata_sha256,
)


def entries_of(model: onnx.ModelProto) -> dict[str, str]:
    return {entry.key: entry.value for entry in model.metadata_props}


def write(model: onnx.ModelProto, path: Path) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def test_a_published_model_proves_itself(classifier: Path, regressor: Path, bounded: Path) -> None:
    for path in (classifier, regressor, bounded):
        proof = verify(path)
        assert proof.rows >= 16
        assert proof.max_difference == 0.0


@pytest.mark.parametrize(
    ("shift", "edge", "problem"),
    [(0.1, None, "the upper bound"), (0.1, "first", ""), (None, None, "bounds are not those of the model")],
)
def test_bounds_are_proven_too(
    bounded: Path, tmp_path: Path, shift: float | None, edge: str | None, problem: str
) -> None:
    """A golden bound that differs is seen, but where another processor may put the row into the next band."""
    model = onnx.load(bounded)
    golden = json.loads(entries_of(model)[KEY_GOLDEN_ROWS])
    card = json.loads(entries_of(model)[KEY_CARD])
    golden["bounds"] = [] if shift is None else golden["bounds"]
    if shift is not None:
        golden["bounds"][0][1] += shift
    if edge is not None:
        card["intervals"]["margins"]["edges"][0] = golden["scores"][0][0]
    entries = entries_of(model) | {KEY_GOLDEN_ROWS: json.dumps(golden), KEY_CARD: json.dumps(card)}
    entries[KEY_METADATA_SHA256] = metadata_sha256(entries)
    helper.set_model_props(model, entries)
    path = write(model, tmp_path / "model.onnx")
    if problem:
        with pytest.raises(BadModel, match=problem):
            verify(path)
    else:
        assert verify(path).rows >= 16


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4, 0.6, 0.8, 0.95])
def test_one_changed_byte_anywhere_is_seen(classifier: Path, tmp_path: Path, share: float) -> None:
    content = bytearray(classifier.read_bytes())
    content[int(len(content) * share)] ^= 1
    changed = tmp_path / "model.onnx"
    changed.write_bytes(content)
    with pytest.raises(BadModel):
        verify(changed)


def test_the_smallest_change_of_one_weight_is_seen(classifier: Path, tmp_path: Path) -> None:
    model = onnx.load(classifier)
    weights = max(model.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    raw = bytearray(weights.raw_data)
    raw[0] ^= 1  # the last bit of a mantissa: no golden row could show it
    weights.raw_data = bytes(raw)
    with pytest.raises(BadModel, match="changed after publishing"):
        verify(write(model, tmp_path / "model.onnx"))


def test_a_forged_digest_does_not_hide_a_changed_weight(classifier: Path, tmp_path: Path) -> None:
    model = onnx.load(classifier)
    weights = max(model.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    weights.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weights) + 1.0, weights.name))
    weights.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weights) * 3.0, weights.name))
    entries = entries_of(model) | {KEY_GRAPH_SHA256: graph_sha256(model.SerializeToString())}
    entries[KEY_METADATA_SHA256] = metadata_sha256(entries)
    helper.set_model_props(model, entries)
    with pytest.raises(BadModel, match=r"Golden row \d+ differs.*Expected.*Received"):
        verify(write(model, tmp_path / "model.onnx"))


@pytest.mark.parametrize("key", [KEY_CARD, KEY_GOLDEN_ROWS])
def test_metadata_of_another_model_is_seen(
    classifier: Path, regressor: Path, tmp_path: Path, key: str
) -> None:
    model = onnx.load(classifier)
    helper.set_model_props(model, entries_of(model) | {key: entries_of(onnx.load(regressor))[key]})
    with pytest.raises(BadModel, match="metadata was changed"):
        verify(write(model, tmp_path / "model.onnx"))


@pytest.mark.parametrize(
    "emptied", [{"numbers": {}, "texts": {}}, {"scores": [], "labels": []}, {"labels": []}]
)
def test_golden_rows_must_prove_something(
    classifier: Path, tmp_path: Path, emptied: dict[str, object]
) -> None:
    model = onnx.load(classifier)
    entries = entries_of(model)
    entries[KEY_GOLDEN_ROWS] = json.dumps(json.loads(entries[KEY_GOLDEN_ROWS]) | emptied)
    entries[KEY_METADATA_SHA256] = metadata_sha256(entries)
    helper.set_model_props(model, entries)
    with pytest.raises(BadModel, match="cannot prove itself"):
        verify(write(model, tmp_path / "model.onnx"))


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, 0.999])
def test_a_cut_file_is_refused(classifier: Path, tmp_path: Path, kept: float) -> None:
    content = classifier.read_bytes()
    cut = tmp_path / "model.onnx"
    cut.write_bytes(content[: int(kept if kept >= 1 else kept * len(content))])
    with pytest.raises(BadModel):
        verify(cut)


@pytest.mark.parametrize("size", [1, 10, 1000, 100_000])
def test_random_bytes_are_refused(tmp_path: Path, size: int) -> None:
    junk = tmp_path / "model.onnx"
    junk.write_bytes(
        b"".join(hashlib.sha256(f"{size} {i}".encode()).digest() for i in range(size // 32 + 1))[:size]
    )
    with pytest.raises(BadModel):
        verify(junk)


def test_foreign_models_are_refused_politely(shared_data: Path) -> None:
    models = sorted((shared_data / "models").glob("*.onnx"))
    assert len(models) == 3
    for path in models:
        with pytest.raises(BadModel, match="not published by AI Mass"):
            verify(path)


def test_a_missing_file_is_the_commands_fault(tmp_path: Path) -> None:
    with pytest.raises(BadCommand, match="no model file"):
        verify(tmp_path / "none.onnx")
