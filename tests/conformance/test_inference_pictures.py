"""The Open Inference Protocol with pictures: UINT8 tensors [N, H, W, 3] as JSON and binary, from real clients."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import tritonclient.http as triton

from engine.serving.model import ServedModel
from tests.engine.published_pictures import COLOURS, picture
from tests.planes import MANAGER, SERVICE, RunningPlane

pytestmark = pytest.mark.slow

INFER = f"/v2/models/{SERVICE}/infer"


def pixels(count: int, size: tuple[int, int] = (10, 14)) -> np.ndarray:
    return np.stack([picture(size, i % 3, i) for i in range(count)])


def tensor(values: np.ndarray, **other: Any) -> dict[str, Any]:
    entry = {"name": "image", "shape": list(values.shape), "datatype": "UINT8", "data": values.tolist()}
    return {"inputs": [{k: v for k, v in (entry | other).items() if v is not None}]}


def test_the_metadata_say_what_a_picture_is(picture_plane: RunningPlane) -> None:
    model = picture_plane.ask("GET", f"/v2/models/{SERVICE}").json
    assert model["inputs"] == [{"name": "image", "datatype": "UINT8", "shape": [-1, -1, -1, 3]}]
    assert [entry["name"] for entry in model["outputs"]] == ["label", "probabilities"]
    assert model["properties"]["missing_values"] == "none"
    config = picture_plane.ask("GET", f"/v2/models/{SERVICE}/config").json
    assert config["input"] == [{"name": "image", "data_type": "TYPE_UINT8", "dims": [-1, -1, -1, 3]}]


def test_json_flat_and_nested_and_binary_give_the_same(
    picture_plane: RunningPlane, picture_model_bytes: bytes
) -> None:
    values = pixels(4)
    expected = ServedModel.from_bytes(picture_model_bytes).answer_feeds({"image": values}).scores
    head = json.dumps(tensor(values, data=None, parameters={"binary_data_size": values.nbytes})).encode()
    replies = [
        picture_plane.ask("POST", INFER, tensor(values)),
        picture_plane.ask("POST", INFER, tensor(values, data=values.reshape(-1).tolist())),
        picture_plane.ask(
            "POST",
            INFER,
            head + values.tobytes(),
            headers={"Inference-Header-Content-Length": str(len(head))},
        ),
    ]
    for reply in replies:
        assert reply.status == 200, reply.body
        outputs = {entry["name"]: entry for entry in reply.json["outputs"]}
        assert outputs["label"]["data"] == [COLOURS[i % 3] for i in range(4)]
        found = np.array(outputs["probabilities"]["data"]).reshape(4, 3)
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("binary", [True, False])
def test_tritonclient_sends_pictures(picture_plane: RunningPlane, binary: bool) -> None:
    values = pixels(70, (31, 17))
    entry = triton.InferInput("image", list(values.shape), "UINT8")
    entry.set_data_from_numpy(values, binary_data=binary)
    with triton.InferenceServerClient(f"127.0.0.1:{picture_plane.port}") as client:
        wanted = [
            triton.InferRequestedOutput("label", class_count=0),
            triton.InferRequestedOutput("probabilities"),
        ]
        result = client.infer(SERVICE, [entry], outputs=wanted, headers={"X-API-Key": MANAGER})
    assert result.as_numpy("probabilities").shape == (70, 3)
    labels = [
        label.decode() if isinstance(label, bytes) else label for label in result.as_numpy("label").ravel()
    ]
    assert labels == [COLOURS[i % 3] for i in range(70)]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"shape": [2, 10, 14, 4]}, "wrong shape"),
        ({"shape": [2, 420]}, "wrong shape"),
        ({"shape": [1, 2, 10, 14, 3]}, "wrong shape"),
        ({"shape": [3, 10, 14, 3]}, "its shape"),
        ({"shape": [2, 0, 14, 3]}, "empty"),
        ({"shape": [0, 10, 14, 3]}, "empty"),
        ({"shape": [2, 2**62, 14, 3]}, "its shape"),
        ({"shape": [2, -10, 14, 3]}, "shape"),
        ({"datatype": "FP32"}, "UINT8"),
        ({"data": [256] * 840}, "range"),
        ({"data": [-1] * 840}, "range"),
        ({"data": [0.5] * 840}, "whole number"),
        ({"data": [None] * 840}, "whole number"),
        ({"data": ["x"] * 840}, "whole number"),
        ({"data": "iVBORw0KGgo="}, "no list"),
        ({"data": None}, "no `data`"),
        ({"data": None, "parameters": {"binary_data_size": 840}}, "bytes are left"),
    ],
)
def test_tensors_that_are_no_pictures_are_refused(
    picture_plane: RunningPlane, change: dict[str, Any], named: str
) -> None:
    reply = picture_plane.ask("POST", INFER, tensor(pixels(2), **change))
    assert (reply.status, named in reply.json["error"]) == (400, True), reply.body
    assert picture_plane.ask("POST", INFER, tensor(pixels(1))).status == 200


def test_a_picture_of_one_pixel_and_many_small_ones_are_answered(picture_plane: RunningPlane) -> None:
    for values in (pixels(1, (1, 1)), pixels(1000, (2, 3)), pixels(2, (1, 900))):
        reply = picture_plane.ask("POST", INFER, tensor(values))
        assert reply.status == 200, reply.body
        assert reply.json["outputs"][0]["shape"] == [len(values), 1]
