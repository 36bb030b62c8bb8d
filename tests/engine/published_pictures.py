"""Build a small, real model file that reads pictures of any size, and pictures to ask it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pyarrow as pa
from onnx import TensorProto
from PIL import Image

from engine.export.publish import BundleFacts, publish
from engine.specs.bundle import DatasetFacts, InputFacts, MemberFacts, MetricValue, ModelCard
from engine.specs.schema import Column, Schema
from engine.specs.training import TaskSpec
from engine.transforms.graph import Graph

COLOURS = ("red 红", "green", "blue")
SIDE = 8
Pixels = npt.NDArray[np.uint8]

SCHEMA = Schema(
    columns=(
        Column(name="image", source_name="image", physical="image", semantic="image"),
        Column(name="label", source_name="label", physical="string", semantic="category"),
        Column(name="path", source_name="path", physical="string", semantic="identifier"),
        Column(
            name="brightness",
            source_name="brightness",
            physical="double",
            semantic="number",
            measured_from="image",
        ),
    )
)


def picture(size: tuple[int, int], colour: int, seed: int = 0) -> Pixels:
    """Return noise, (height, width, 3), in which channel `colour` is the strongest."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 100, (*size, 3), dtype=np.uint8)
    pixels[..., colour] += np.uint8(120)
    return pixels


def encoded(pixels: Pixels, form: str = "PNG") -> bytes:
    """Return the pixels as a file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **({"quality": 95} if form == "JPEG" else {}))
    return file.getvalue()


def sizes(count: int) -> list[tuple[int, int]]:
    """Return heights and widths, the same one often and others among them."""
    return [(12, 20) if i % 3 else (7 + i % 9, 9 + i % 5) for i in range(count)]


def batch(count: int, seed: int = 0) -> pa.RecordBatch:
    """Return encoded pictures of several sizes with their class names and paths."""
    colours = [int(c) for c in np.random.default_rng(seed).integers(0, 3, count)]
    files = [
        encoded(picture(size, c, i)) for i, (size, c) in enumerate(zip(sizes(count), colours, strict=True))
    ]
    return pa.RecordBatch.from_pydict(
        {
            "image": pa.array(files, pa.binary()),
            "label": [COLOURS[c] for c in colours],
            "path": [f"{COLOURS[c]}/{i}.png" for i, c in enumerate(colours)],
        }
    )


def colour_graph(outputs: int = len(COLOURS)) -> onnx.ModelProto:
    """Return a model that names the strongest channel; with one output, a number that grows with red.

    Its answer also depends a little on where the colour is, so that turned pictures are told apart.
    """
    graph = Graph()
    image = graph.input("image", TensorProto.UINT8, ["N", "height", "width", 3])
    floats = graph.node("Cast", image, to=TensorProto.FLOAT)
    first = graph.node("Transpose", floats, perm=[0, 3, 1, 2])
    side = graph.constant([SIDE, SIDE], np.int64)
    small = graph.node(
        "Resize", first, "", "", side, axes=[2, 3], mode="linear", antialias=1,
        coordinate_transformation_mode="half_pixel",
    )  # fmt: skip
    flat = graph.node("Reshape", small, graph.constant([0, 3 * SIDE * SIDE], np.int64))
    rng = np.random.default_rng(1)
    weights = np.repeat(np.eye(3), SIDE * SIDE, axis=0) / (SIDE * SIDE * 25.0)
    weights = (weights * rng.uniform(0.5, 1.5, weights.shape))[:, :outputs].astype(np.float32)
    scores = graph.node("MatMul", flat, graph.constant(weights))
    if outputs == 1:
        graph.output(scores, "prediction", TensorProto.FLOAT, ["N", 1])
        return graph.model()
    probabilities = graph.node("Softmax", scores, axis=1)
    best = graph.node("ArgMax", probabilities, axis=1, keepdims=1)
    labels = graph.node("Gather", graph.constant(np.array(COLOURS, dtype=object)), best)
    graph.output(labels, "label", TensorProto.STRING, ["N", 1])
    graph.output(probabilities, "probabilities", TensorProto.FLOAT, ["N", outputs])
    return graph.model()


def picture_task(classes: Sequence[str] = COLOURS) -> TaskSpec:
    """Return the task of naming colours, or of a number without classes."""
    if not classes:
        return TaskSpec(target="label", task="regression", metric="rmse")
    return TaskSpec(target="label", task="multiclass", metric="accuracy", classes=tuple(classes))


def picture_card(task: TaskSpec) -> ModelCard:
    """Return a card with the facts of a picture input."""
    facts = DatasetFacts(name="c.zip", rows=60, columns=4, train_rows=40, valid_rows=10, test_rows=10)
    return ModelCard(
        title="Colours of 城市",
        created_at="2026-01-02T03:04:05+00:00",
        task=task.task,
        target=task.target,
        dataset=facts,
        metrics=(MetricValue(name=task.metric, value=0.5),),
        members=(MemberFacts(id="cnn-1", family="cnn", weight=1.0),),
        inputs=(InputFacts(name="image", width=20.0, height=12.0),),
    )


def publish_pictures(path: Path, *, classes: Sequence[str] = COLOURS) -> BundleFacts:
    """Publish the small model to `path`."""
    task = picture_task(classes)
    return publish(
        colour_graph(task.outputs),
        schema=SCHEMA,
        task=task,
        card=picture_card(task),
        rows=batch(60),
        version="0.0.test",
        path=path,
    )
