"""A model that knows classes by their light fails in other light, and the table says so."""

from __future__ import annotations

import itertools

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from engine.evaluation.metrics import metric
from engine.evaluation.strains import STRAINS
from engine.families.base import Budget
from engine.report.picture_rows import Asker
from engine.report.robustness import FEWEST_PICTURES, strain
from engine.serving.session import Session
from engine.specs.picture_findings import Robustness
from engine.transforms.graph import Graph


def light_graph() -> onnx.ModelProto:
    """Return a model that calls a picture light when its mean is above 100 of 255."""
    graph = Graph()
    image = graph.input("image", TensorProto.UINT8, ["N", "height", "width", 3])
    mean = graph.node(
        "ReduceMean",
        graph.node("Cast", image, to=TensorProto.FLOAT),
        graph.constant(np.array([1, 2, 3], np.int64)),
        keepdims=0,
    )
    column = graph.node("Unsqueeze", mean, graph.constant(np.array([1], np.int64)))
    above = graph.node("Sub", column, graph.constant(np.float32(100.0)))
    both = graph.node("Concat", graph.node("Neg", above), above, axis=1)
    probabilities = graph.node("Softmax", both, axis=1)
    best = graph.node("ArgMax", probabilities, axis=1, keepdims=1)
    names = graph.constant(np.array(["dark", "light"], dtype=object))
    graph.output(graph.node("Gather", names, best), "label", TensorProto.STRING, ["N", 1])
    graph.output(probabilities, "probabilities", TensorProto.FLOAT, ["N", 2])
    return graph.model()


@pytest.fixture(scope="module")
def asker() -> Asker:
    return Asker(Session(light_graph().SerializeToString()), "image")


def pictures() -> tuple[list[np.ndarray], np.ndarray]:
    """Return pictures of two sizes around 70 and 150."""
    rng = np.random.default_rng(0)
    made = [
        rng.integers(0, 30, (12 + i % 2, 16, 3)).astype(np.uint8) + np.uint8(60 + 80 * (i % 2))
        for i in range(60)
    ]
    return made, np.array([i % 2 for i in range(60)], dtype=float)


def asked(asker: Asker, budget: Budget, count: int = 60) -> Robustness | None:
    made, y = pictures()
    return strain(
        asker, made[:count], y[:count], metric("accuracy"), budget=budget, seed=0, told=lambda share: None
    )


def test_light_is_what_it_hangs_on(asker: Asker) -> None:
    found = asked(asker, Budget(60.0, lambda: 0.0))
    assert found is not None and (found.clean, found.rows, found.metric) == (1.0, 60, "accuracy")
    scores = {one.kind: one.scores for one in found.strains}
    assert list(scores) == [one.kind for one in STRAINS]
    assert scores["dark"] == (1.0, 0.5, 0.5)
    assert scores["bright"][1] == 0.5
    for kind in ("blur", "noise", "coarse", "compressed"):
        assert scores[kind] == (1.0, 1.0, 1.0)


def test_the_middle_strength_comes_first_when_time_is_short(asker: Asker) -> None:
    ticks = itertools.count()
    found = asked(asker, Budget(9.0, lambda: float(next(ticks))))
    assert found is not None
    assert all(one.scores[1] is not None for one in found.strains)
    assert any(one.scores[0] is None for one in found.strains)


def test_nothing_is_said_of_few_pictures_or_without_time(asker: Asker) -> None:
    assert asked(asker, Budget(60.0, lambda: 0.0), count=FEWEST_PICTURES - 1) is None
    assert asked(asker, Budget(0.0, lambda: 0.0)) is None
