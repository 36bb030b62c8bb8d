"""Pictures of any size become whole numbers of one size, as an antialiased linear resize gives them."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from engine.errors import InvalidSpec
from engine.specs.features import ColumnChoice, Feature, FeaturePlan, Step, ViewName
from engine.specs.profile import ColumnProfile, Profile
from engine.specs.schema import Column, Schema
from engine.specs.training import TaskSpec
from engine.transforms.fitting import check_plan
from engine.transforms.graph import Graph
from engine.transforms.propose import propose_plan
from engine.transforms.resize import TRANSFORM, side_for

IMAGE = Column(name="image", source_name="image", physical="image", semantic="image")
LABEL = Column(name="label", source_name="label", physical="string", semantic="category")


def resized(pictures: np.ndarray, side: int) -> np.ndarray:
    graph = Graph()
    value = graph.input("image", onnx.TensorProto.UINT8, [None, None, None, 3])
    graph.output(TRANSFORM.onnx(graph, value, {"side": side}, {}), "out", onnx.TensorProto.FLOAT, [None] * 4)
    session = onnxruntime.InferenceSession(graph.model().SerializeToString())
    return np.asarray(session.run(None, {"image": pictures})[0])


@pytest.mark.parametrize("size", [(1, 1), (3, 50), (16, 16), (200, 90)])
def test_values_are_whole_and_near_to_pillows(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8)
    found = resized(picture[None], 16)
    assert found.shape == (1, 16, 16, 3)
    assert (found == found.astype(np.uint8)).all()
    pillow = np.asarray(Image.fromarray(picture).resize((16, 16), Image.Resampling.BILINEAR))
    assert np.abs(found[0] - pillow.astype(float)).max() <= 1.0


def test_a_picture_of_the_right_size_stays_as_it_is() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (2, 24, 24, 3)).astype(np.uint8)
    np.testing.assert_array_equal(resized(picture, 24), picture)


@pytest.mark.parametrize(("longest", "side"), [(1, 16), (28, 32), (32, 32), (33, 48), (97, 96), (4000, 96)])
def test_the_side_suits_the_pictures(longest: float, side: int) -> None:
    assert side_for(longest) == side


def test_no_sql_resizes() -> None:
    with pytest.raises(InvalidSpec, match="No SQL resizes"):
        TRANSFORM.sql("image", {"side": 8}, {}, fold=None)


def test_a_picture_is_proposed_at_its_size_and_its_measures_are_left_out() -> None:
    width = Column(
        name="width", source_name="width", physical="int64", semantic="number", measured_from="image"
    )
    schema = Schema(columns=(IMAGE, width, LABEL))
    facts = [ColumnProfile(name=name, rows=50, missing=0, distinct=2) for name in schema.names]
    facts[1] = ColumnProfile(name="width", rows=50, missing=0, distinct=9, quantiles={"0.5": 40.0})
    task = TaskSpec(target="label", task="binary", metric="roc_auc", classes=("a", "b"))
    plan = propose_plan(schema, Profile(rows=50, duplicate_rows=0, columns=tuple(facts)), task)
    check_plan(plan, schema.without("label"))
    assert plan.filled_views == ("pixels",)
    assert [step.params["side"] for step in plan.views["pixels"][0].steps] == [48]
    assert [choice.use for choice in plan.columns] == [True, False]


@pytest.mark.parametrize(
    ("view", "steps", "said"),
    [
        ("tree", ("resize",), "only there"),
        ("pixels", (), "gives picture"),
        ("pixels", ("log",), "log takes a number"),
    ],
)
def test_pictures_elsewhere_are_refused(view: ViewName, steps: tuple[str, ...], said: str) -> None:
    feature = Feature(name="image", column="image", steps=tuple(Step(transform=one) for one in steps))
    plan = FeaturePlan(columns=(ColumnChoice(column="image", use=True, reason=""),), views={view: (feature,)})
    with pytest.raises(InvalidSpec, match=said):
        check_plan(plan, Schema(columns=(IMAGE,)))
