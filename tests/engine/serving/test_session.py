"""Arrow columns become a model's feeds; everything onnxruntime may refuse becomes one clear sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import TensorProto

from engine.errors import BadCommand, BadData, BadModel, WorkFailed
from engine.serving.session import Session, Stop, Stopped, feeds_of, read_model_bytes
from engine.transforms.graph import Graph


def test_numbers_become_float32_and_missing_nan() -> None:
    values = {
        "i": pa.array([1, None, 2**31]),
        "d": pa.array([0.1, None, 1e300]),
        "b": pa.array([True, None, False]),
    }
    batch = pa.RecordBatch.from_pydict(values)
    feeds = feeds_of(batch, {"i": "float", "d": "float", "b": "float"})
    expected = {"i": [1, np.nan, 2**31], "d": [0.1, np.nan, np.inf], "b": [1, np.nan, 0]}
    for name, column in expected.items():
        assert feeds[name].dtype == np.float32
        np.testing.assert_array_equal(feeds[name], np.array(column, np.float32).reshape(-1, 1))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())])
def test_texts_become_objects_and_missing_empty(kind: pa.DataType) -> None:
    words = ["北京", None, "", " a\x00'", "北京"]
    batch = pa.RecordBatch.from_pydict({"w": pa.array(words).cast(kind)})
    assert feeds_of(batch, {"w": "string"})["w"].tolist() == [["北京"], [""], [""], [" a\x00'"], ["北京"]]


def test_numbers_for_a_text_input_are_written_out() -> None:
    batch = pa.RecordBatch.from_pydict({"w": pa.array([1, None])})
    assert feeds_of(batch, {"w": "string"})["w"].tolist() == [["1"], [""]]


def test_missing_columns_are_all_named() -> None:
    batch = pa.RecordBatch.from_pydict({"a": pa.array([1.0])})
    with pytest.raises(BadData, match="lack 2 of the model's columns: 'b', 'c'"):
        feeds_of(batch, {"a": "float", "b": "float", "c": "string"})


def test_text_for_a_number_names_the_column() -> None:
    batch = pa.RecordBatch.from_pydict({"a": pa.array(["x"])})
    with pytest.raises(BadData, match=r"Column 'a'.*Expected numbers. Received string"):
        feeds_of(batch, {"a": "float"})


def test_bytes_that_onnxruntime_cannot_load_are_a_bad_model() -> None:
    model = onnx.helper.make_model(
        onnx.helper.make_graph([onnx.helper.make_node("NoSuch", [], ["y"])], "g", [], [])
    )
    with pytest.raises(BadModel, match="onnxruntime cannot load"):
        Session(model.SerializeToString())


def test_a_run_that_fails_is_one_sentence() -> None:
    graph = Graph()
    left = graph.input("a", TensorProto.FLOAT, ["N", 1])
    right = graph.input("b", TensorProto.FLOAT, ["M", 1])
    graph.output(graph.node("Concat", left, right, axis=1), "y", TensorProto.FLOAT, ["N", 2])
    session = Session(graph.model().SerializeToString())
    feeds = {"a": np.zeros((2, 1), np.float32), "b": np.zeros((3, 1), np.float32)}
    with pytest.raises(WorkFailed, match="cannot compute"):
        session.run(feeds)


def test_floats_that_are_no_rows_are_no_input(shared_data: Path) -> None:
    session = Session((shared_data / "models" / "mnist-8.onnx").read_bytes())
    with pytest.raises(BadModel, match="does not read the rows of a dataset"):
        session.inputs()


def session_of(*inputs: tuple[int, list[int | str]]) -> Session:
    """Return a model that gives its inputs back."""
    graph = Graph()
    for number, (kind, shape) in enumerate(inputs):
        graph.output(graph.input(f"in{number}", kind, shape), f"out{number}", kind, shape)
    return Session(graph.model().SerializeToString())


def test_pictures_of_any_size_are_an_input_beside_numbers_and_words() -> None:
    session = session_of(
        (TensorProto.FLOAT, ["N", 1]),
        (TensorProto.UINT8, ["N", "h", "w", 3]),
        (TensorProto.STRING, ["N", 1]),
    )
    assert session.inputs() == {"in0": "float", "in1": "image", "in2": "string"}


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (TensorProto.UINT8, ["N", 32, 32, 3]),  # not of any size
        (TensorProto.UINT8, ["N", "h", "w", 4]),
        (TensorProto.UINT8, ["N", 3, "h", "w"]),
        (TensorProto.UINT8, ["N", 1]),
        (TensorProto.FLOAT, ["N", "h", "w", 3]),
        (TensorProto.FLOAT, ["N", 2]),
        (TensorProto.DOUBLE, ["N", 1]),
    ],
)
def test_what_is_neither_a_cell_nor_a_picture_is_no_input(kind: int, shape: list[int | str]) -> None:
    with pytest.raises(BadModel, match=r"does not read the rows.*'in0'"):
        session_of((kind, shape)).inputs()


def test_two_inputs_of_pictures_are_one_too_many() -> None:
    pictures: tuple[int, list[int | str]] = (TensorProto.UINT8, ["N", "h", "w", 3])
    with pytest.raises(BadModel, match="one input"):
        session_of(pictures, pictures).inputs()


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()])
def test_pictures_become_bytes_and_missing_ones_none(kind: pa.DataType) -> None:
    column = pa.array([b"\x89PNG\x00", None, b""], kind)
    feeds = feeds_of(pa.RecordBatch.from_pydict({"image": column}), {"image": "image"})
    assert feeds["image"].tolist() == [[b"\x89PNG\x00"], [b""], [b""]]


def test_text_is_no_picture() -> None:
    batch = pa.RecordBatch.from_pydict({"image": pa.array(["iVBOR"])})
    with pytest.raises(BadData, match=r"Column 'image'.*Expected pictures. Received string"):
        feeds_of(batch, {"image": "image"})


def test_empty_and_absent_files_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty.onnx").touch()
    with pytest.raises(BadModel, match="Received 0"):
        read_model_bytes(tmp_path / "empty.onnx")
    with pytest.raises(BadCommand, match="no model file"):
        read_model_bytes(tmp_path)


def test_a_run_that_was_told_to_stop_says_so(classifier: Path) -> None:
    session = Session(read_model_bytes(classifier))
    names = [spec.name for spec in session.tensor_inputs]
    feeds = {
        spec.name: np.full(
            (1, 1), "" if spec.datatype == "BYTES" else 0.0, object if spec.datatype == "BYTES" else "f4"
        )
        for spec in session.tensor_inputs
    }
    stop = Stop()
    assert len(session.run(feeds, stop=stop)) == len(session.tensor_outputs) == 2
    stop.ask()
    with pytest.raises(Stopped, match="took too long"):
        session.run(feeds, stop=stop)
    assert names == list(session.inputs())
    assert [(spec.datatype, spec.shape) for spec in session.tensor_outputs] == [
        ("BYTES", (-1, 1)),
        ("FP32", (-1, 2)),
    ]
