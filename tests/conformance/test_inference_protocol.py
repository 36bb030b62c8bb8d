"""The Open Inference Protocol as clients rely on it: the checklist, asked of the real process over real sockets."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from engine.serving.batches import batch_of
from engine.serving.model import ServedModel
from engine.specs.run import RunPaths
from tests.engine.published import AGE, CITY, CLASSES, FEATURES
from tests.planes import ASKER, MANAGER, SERVICE, STRANGER, Reply, RunningPlane, ServicesFolder

pytestmark = pytest.mark.slow

INFER = f"/v2/models/{SERVICE}/infer"
BYTES_ELEMENT = struct.Struct("<I")


def tensor(name: str, data: list[Any], **other: Any) -> dict[str, Any]:
    datatype = "BYTES" if name == CITY else "FP32"
    return {"name": name, "shape": [len(data), 1], "datatype": datatype, "data": data} | other


def request(rows: int = 2, **other: Any) -> dict[str, Any]:
    inputs = [
        tensor(AGE, [40.0, 20.5, 61.0][:rows]),
        tensor(FEATURES, [1.0, 4.0, 0.0][:rows]),
        tensor(CITY, ["北京", "a b", ""][:rows]),
    ]
    return {"inputs": inputs} | other


def changed(position: int = 0, **fields: Any) -> dict[str, Any]:
    """A good request with fields of one input changed; None takes one away."""
    message = request()
    message["inputs"][position] |= fields
    message["inputs"][position] = {k: v for k, v in message["inputs"][position].items() if v is not None}
    return message


def binary_request(tail: bytes | None = None, **size: Any) -> tuple[bytes, dict[str, str]]:
    """A request whose first input is binary; `size` changes what is said of it."""
    message = request()
    content = np.array([40.0, 20.5], "<f4").tobytes() if tail is None else tail
    message["inputs"][0].pop("data")
    message["inputs"][0]["parameters"] = {"binary_data_size": 8} | size
    head = json.dumps(message).encode()
    return head + content, {"Inference-Header-Content-Length": str(len(head))}


def outputs(reply: Reply) -> dict[str, dict[str, Any]]:
    assert reply.status == 200, reply.body
    return {output["name"]: output for output in reply.json["outputs"]}


def expected(small_model: bytes, rows: int = 2) -> np.ndarray:
    model = ServedModel.from_bytes(small_model)
    values = {entry["name"]: entry["data"] for entry in request(rows)["inputs"]}
    return model.predict(batch_of(values, model.inputs)).scores


# ---- lines 1 to 6: routes, health, metadata


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2"),
        ("GET", "/v2/"),
        ("GET", "/v2/models"),
        ("GET", "/v2/models/stats"),
        ("POST", "/v2/repository/index"),
        *[
            (verb, f"/v2/models/{SERVICE}{version}{tail}")
            for version in ("", "/versions/1")
            for verb, tail in (("GET", ""), ("GET", "/ready"), ("GET", "/config"), ("GET", "/stats"))
        ],
    ],
)
def test_01_every_route_answers_with_json(plane: RunningPlane, method: str, path: str) -> None:
    reply = plane.ask(method, path)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json"), reply.body


@pytest.mark.parametrize("path", ["/v2/health/live", "/v2/health/ready"])
def test_03_health_needs_no_key_and_says_both_words(plane: RunningPlane, path: str) -> None:
    reply = plane.ask("GET", path, key="")
    assert (reply.status, reply.json["live"], reply.json["ready"]) == (200, True, True)
    assert plane.ask("HEAD", path, key="").status == 200


def test_05_metadata_have_the_types_that_clients_read(plane: RunningPlane) -> None:
    server = plane.ask("GET", "/v2/").json
    assert isinstance(server["version"], str) and all(isinstance(x, str) for x in server["extensions"])
    model = plane.ask("GET", f"/v2/models/{SERVICE}").json
    assert (model["name"], model["versions"], model["platform"]) == (SERVICE, ["1"], "onnx_onnxv1")
    assert {entry["name"]: (entry["datatype"], entry["shape"]) for entry in model["inputs"]} == {
        AGE: ("FP32", [-1, 1]),
        FEATURES: ("FP32", [-1, 1]),
        CITY: ("BYTES", [-1, 1]),
    }
    assert [entry["name"] for entry in model["outputs"]] == ["label", "probabilities"]


# ---- lines 7 to 13: what a good request gets


@pytest.mark.parametrize("given", [{"id": "r-1"}, {"id": ""}, {}])
def test_07_an_id_is_echoed_and_never_invented(plane: RunningPlane, given: dict[str, str]) -> None:
    reply = plane.ask("POST", INFER, request(**given)).json
    assert {key: reply[key] for key in reply if key == "id"} == given
    assert (reply["model_name"], reply["model_version"]) == (SERVICE, "1")


def test_09_nested_and_flat_data_mean_the_same(plane: RunningPlane, small_model: bytes) -> None:
    mixed = request()
    mixed["inputs"][0]["data"] = [[40.0], [20.5]]
    found = [outputs(plane.ask("POST", INFER, message)) for message in (request(), mixed)]
    assert found[0] == found[1]
    scores = np.array(found[0]["probabilities"]["data"]).reshape(2, 2)
    np.testing.assert_allclose(scores, expected(small_model), atol=1e-6)
    assert set(found[0]["label"]["data"]) <= set(CLASSES)


def test_13_only_the_outputs_asked_for_come_in_their_order(plane: RunningPlane) -> None:
    asked = request(outputs=[{"name": "probabilities"}, {"name": "label"}])
    assert list(outputs(plane.ask("POST", INFER, asked))) == ["probabilities", "label"]
    assert list(outputs(plane.ask("POST", INFER, request(outputs=[{"name": "label"}])))) == ["label"]
    assert list(outputs(plane.ask("POST", INFER, request()))) == ["label", "probabilities"]


def test_classification_names_the_best_classes(plane: RunningPlane) -> None:
    asked = request(outputs=[{"name": "probabilities", "parameters": {"classification": 1}}])
    found = outputs(plane.ask("POST", INFER, asked))["probabilities"]
    assert (found["datatype"], found["shape"]) == ("BYTES", [2, 1])
    value, index, label = found["data"][0].split(":")
    assert float(value) >= 0.5 and CLASSES[int(index)] == label


# ---- lines 11 to 48: what is refused with 400, and names what is wrong

REFUSED: Mapping[str, tuple[Any, str]] = {
    "08 id is a number": (request(id=7), "`id`"),
    "11 mixed nesting": (changed(data=[[40.0], 20.5]), "nested"),
    "11 nested otherwise": (changed(data=[[40.0, 20.5]]), "nested"),
    "14 unknown output": (request(outputs=[{"name": "no"}]), "'no'"),
    "14 output twice": (request(outputs=[{"name": "label"}] * 2), "twice"),
    "15 duplicate input": ({"inputs": [*request()["inputs"], request()["inputs"][0]]}, "twice"),
    "16 extra input": ({"inputs": [*request()["inputs"], tensor("more", [1.0, 2.0])]}, "'more'"),
    "17 missing input": ({"inputs": request()["inputs"][1:]}, AGE),
    "18 INT64 where FP32": (changed(datatype="INT64", data=[1, 2]), "FP32. Received INT64"),
    "18 bogus datatype": (changed(datatype="FLOAT"), "FLOAT"),
    "18 lower case": (changed(datatype="fp32"), "fp32"),
    "18 no datatype": (changed(datatype=None), "datatype"),
    "19 wrong rank": (changed(shape=[2]), "shape"),
    "19 wrong dimension": (changed(shape=[1, 2]), "shape"),
    "19 no shape": (changed(shape=None), "shape"),
    "20 too few values": (changed(data=[40.0]), "1 values"),
    "20 too many values": (changed(data=[40.0, 1.0, 2.0]), "3 values"),
    "21 negative": (changed(shape=[-1, 1]), "shape"),
    "21 float": (changed(shape=[2.0, 1]), "shape"),
    "21 true": (changed(shape=[True, 1], data=[1.0]), "shape"),
    "21 overflow": (changed(shape=[9223372036854775807, 3]), "shape"),
    "21 overflow fits": (changed(shape=[9223372036854775807, 1]), "too many rows"),
    "21 huge": (changed(shape=[10**30, 1]), "too many rows"),
    "22 zero batch": (changed(shape=[0, 1], data=[]), "empty"),
    "23 above the largest batch": (changed(shape=[100_001, 1]), "too many rows"),
    "23 batches differ": (changed(shape=[3, 1], data=[1.0, 2.0, 3.0]), "differ"),
    "29 no data": (changed(data=None), "data"),
    "29 data is no list": (changed(data=3), "data"),
    "29 both": (changed(parameters={"binary_data_size": 8}), "both"),
    "40 text in numbers": (changed(data=["a", 1.0]), "a number"),
    "40 numeric text": (changed(data=["1", 1.0]), "a number"),
    "40 true in numbers": (changed(data=[True, 1.0]), "a number"),
    "40 number in texts": (changed(2, data=[1, "a"]), "text"),
    "41 beyond float32": (changed(data=[1e39, 1.0]), "within"),
    "41 beyond a double": (changed(data=[10**400, 1.0]), "range"),
    "47 parameter is an object": (request(parameters={"a": {}}), "parameter"),
    "47 parameter is null": (request(parameters={"a": None}), "parameter"),
    "47 parameter is a list": (changed(parameters={"a": []}), "parameter"),
    "48 reserved": (request(parameters={"triton_x": 1}), "triton_"),
    "sequences": (request(parameters={"sequence_id": 3}), "equence"),
    "inputs empty": ({"inputs": []}, "inputs"),
    "inputs missing": ({}, "inputs"),
    "a list": ([], "object"),
    "null": (None, "object"),
    "no name": ({"inputs": [{"shape": [1, 1], "datatype": "FP32", "data": [1.0]}]}, "name"),
    "input is no object": ({"inputs": [3]}, "name"),
    "flag is no flag": (request(parameters={"binary_data_output": "yes"}), "binary_data_output"),
    "classes below none": (
        request(outputs=[{"name": "label", "parameters": {"classification": -1}}]),
        "classification",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused_with_400(plane: RunningPlane, case: str) -> None:
    message, named = REFUSED[case]
    expect_error(plane.ask("POST", INFER, json.dumps(message).encode()), 400, named)
    assert plane.ask("GET", "/v2/health/live", key="").status == 200


RAW: Mapping[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "not JSON": (b"{inputs", "JSON"),
    "40 nesting": (b'{"inputs":' + b"[" * 5000 + b"]" * 5000 + b"}", "nested"),
    "40 nesting a little": (b'{"x":' + b"[" * 101 + b"]" * 101 + b"}", "nested"),
    "41 NaN": (json.dumps(changed(data=[float("nan"), 1.0])).encode(), "NaN"),
    "41 Infinity": (json.dumps(changed(data=[float("inf"), 1.0])).encode(), "Infinity"),
    "41 1e400": (json.dumps(request()).encode().replace(b"20.5", b"1e400"), "within"),
    "42 duplicate key": (b'{"inputs":[],"inputs":[]}', "twice"),
    "44 trailing garbage": (json.dumps(request()).encode() + b"x", "Extra data"),
    "45 invalid UTF-8": (b'{"inputs":"\xff"}', "UTF-8"),
    "half a surrogate": (b'{"inputs":"\\ud800"}', "surrogate"),
    "a number of 5000 digits": (b'{"inputs":' + b"1" * 5000 + b"}", "digits"),
}


@pytest.mark.parametrize("case", RAW)
def test_bytes_that_are_no_json_are_refused_with_400(plane: RunningPlane, case: str) -> None:
    content, named = RAW[case]
    expect_error(plane.ask("POST", INFER, content), 400, named)


def test_41_null_is_a_missing_value(plane: RunningPlane) -> None:
    missing = request()
    for entry in missing["inputs"]:
        entry["data"] = [None, None]
    body, header = binary_request(np.array([np.nan, np.nan], "<f4").tobytes())
    found = outputs(plane.ask("POST", INFER, missing))
    assert np.isfinite(found["probabilities"]["data"]).all()
    assert plane.ask("POST", INFER, body, headers=header).status == 200


def test_43_a_byte_order_mark_is_tolerated(plane: RunningPlane) -> None:
    assert plane.ask("POST", INFER, b"\xef\xbb\xbf" + json.dumps(request()).encode()).status == 200


def test_46_unknown_keys_of_the_request_are_ignored(plane: RunningPlane) -> None:
    assert plane.ask("POST", INFER, request(model_name="x", more=[1])).status == 200


# ---- lines 24 to 32: binary tensors


@pytest.mark.parametrize("is_output_binary", [False, True])
def test_24_binary_and_json_give_the_same(plane: RunningPlane, is_output_binary: bool) -> None:
    message = request(parameters={"binary_data_output": is_output_binary})
    texts = [text.encode() for text in ("北京", "a b")]
    tails = [
        np.array([40.0, 20.5], "<f4").tobytes(),
        b"".join(BYTES_ELEMENT.pack(len(text)) + text for text in texts),
    ]
    for position, tail in zip((0, 2), tails, strict=True):
        message["inputs"][position].pop("data")
        message["inputs"][position]["parameters"] = {"binary_data_size": len(tail)}
    head = json.dumps(message).encode()
    headers = {"Inference-Header-Content-Length": str(len(head))}
    reply = plane.ask("POST", INFER, head + b"".join(tails), headers=headers)
    plain = outputs(plane.ask("POST", INFER, request()))
    if not is_output_binary:
        assert outputs(reply) == plain
        return
    assert reply.headers["content-type"] == "application/octet-stream"
    size = int(reply.headers["inference-header-content-length"])
    found = json.loads(reply.body[:size])
    assert list(found) == ["model_name", "model_version", "outputs"]
    labels, scores = (entry["parameters"]["binary_data_size"] for entry in found["outputs"])
    assert len(reply.body) == size + labels + scores
    np.testing.assert_array_equal(np.frombuffer(reply.body[-scores:], "<f4"), plain["probabilities"]["data"])


def test_25_the_flag_of_one_output_wins(plane: RunningPlane) -> None:
    asked = request(
        outputs=[{"name": "label", "parameters": {"binary_data": False}}, {"name": "probabilities"}],
        parameters={"binary_data_output": True},
    )
    reply = plane.ask("POST", INFER, asked)
    found = json.loads(reply.body[: int(reply.headers["inference-header-content-length"])])["outputs"]
    assert "data" in found[0] and "data" not in found[1]


@pytest.mark.parametrize(
    ("tail", "size", "named"),
    [
        (b"\0" * 4, {}, "left in the body"),
        (b"\0" * 9, {}, "left behind"),
        (b"\0" * 8, {"binary_data_size": 4}, "4 bytes"),
        (b"\0" * 8, {"binary_data_size": -8}, "binary_data_size"),
        (b"\0" * 8, {"binary_data_size": "8"}, "binary_data_size"),
        (b"\0" * 8, {"binary_data_size": 8.0}, "binary_data_size"),
        (b"\0" * 8, {"binary_data_size": 10**30}, "left in the body"),
    ],
)
def test_28_binary_sizes_that_are_wrong(
    plane: RunningPlane, tail: bytes, size: dict[str, Any], named: str
) -> None:
    body, headers = binary_request(tail, **size)
    expect_error(plane.ask("POST", INFER, body, headers=headers), 400, named)


@pytest.mark.parametrize("length", ["abc", "-1", "1.5", "", "99999999", "9" * 40, "５"])
def test_30_header_lengths_that_are_wrong(plane: RunningPlane, length: str) -> None:
    body, _ = binary_request()
    headers = {"Inference-Header-Content-Length": length.encode().decode("latin-1")}
    expect_error(plane.ask("POST", INFER, body, headers=headers), 400, "Inference-Header-Content-Length")


def test_31_a_raw_request_needs_a_model_with_one_input(plane: RunningPlane) -> None:
    reply = plane.ask("POST", INFER, b"\0" * 4, headers={"Inference-Header-Content-Length": "0"})
    expect_error(reply, 400, "one input")


def test_32_texts_may_hold_anything_but_bytes_that_are_no_text(plane: RunningPlane) -> None:
    def ask(text: bytes) -> Reply:
        message = {"inputs": [tensor(AGE, [1.0]), tensor(FEATURES, [1.0]), tensor(CITY, ["x"])]}
        tail = BYTES_ELEMENT.pack(len(text)) + text
        message["inputs"][2].pop("data")
        message["inputs"][2]["parameters"] = {"binary_data_size": len(tail)}
        head = json.dumps(message).encode()
        headers = {"Inference-Header-Content-Length": str(len(head))}
        return plane.ask("POST", INFER, head + tail, headers=headers)

    assert ask("\0 nul 城".encode()).status == 200
    expect_error(ask(b"\xff\xfe"), 400, "UTF-8")


# ---- lines 33 to 39: encodings and transport


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate"])
def test_33_compressed_requests(plane: RunningPlane, encoding: str) -> None:
    body, headers = binary_request()
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(body),
        "deflate": zlib.compress(body),
        "raw deflate": raw.compress(body) + raw.flush(),
    }[encoding]
    reply = plane.ask("POST", INFER, packed, headers=headers | {"Content-Encoding": encoding.split()[-1]})
    assert outputs(reply) == outputs(plane.ask("POST", INFER, body, headers=headers))


def test_34_a_response_is_compressed_only_when_asked(plane: RunningPlane) -> None:
    path = f"/v2/models/{SERVICE}/infer"
    message = {"inputs": [tensor(n, [v] * 500) for n, v in ((AGE, 1.0), (FEATURES, 2.0), (CITY, "x"))]}
    plain = plane.ask("POST", path, message)
    assert "content-encoding" not in plain.headers
    for name, unpack in (("gzip", gzip.decompress), ("deflate", zlib.decompress)):
        packed = plane.ask("POST", path, message, headers={"Accept-Encoding": name})
        assert packed.headers["content-encoding"] == name
        assert unpack(packed.body) == plain.body


def test_35_an_unknown_encoding_is_refused(plane: RunningPlane) -> None:
    reply = plane.ask("POST", INFER, b"x", headers={"Content-Encoding": "br"})
    expect_error(reply, 415, "br")
    assert reply.headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    "body", [b"\x1f\x8b nonsense", gzip.compress(b"{}", mtime=0)[:-4], gzip.compress(b"{}", mtime=0) + b"x"]
)
def test_35_a_broken_stream_is_refused(plane: RunningPlane, body: bytes) -> None:
    expect_error(plane.ask("POST", INFER, body, headers={"Content-Encoding": "gzip"}), 400, "gzip")


def test_36_a_bomb_is_refused(plane: RunningPlane) -> None:
    bomb = gzip.compress(b" " * (65 << 20))
    expect_error(plane.ask("POST", INFER, bomb, headers={"Content-Encoding": "gzip"}), 413, "64 MiB")


def test_36_a_large_body_is_refused_before_it_is_read(plane: RunningPlane) -> None:
    with connect(plane) as wire:
        wire.sendall(head("POST", INFER, "Content-Length: 99999999999"))
        status, body = read_response(wire)
    assert status == 413 and b"too large" in body


@pytest.mark.parametrize("media", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_37_forms_are_refused(plane: RunningPlane, media: str) -> None:
    expect_error(plane.ask("POST", INFER, request(), headers={"Content-Type": media}), 415, "content type")


def test_38_a_client_may_wait_for_100_continue(plane: RunningPlane) -> None:
    body = json.dumps(request()).encode()
    with connect(plane) as wire:
        wire.sendall(head("POST", INFER, f"Content-Length: {len(body)}", "Expect: 100-continue"))
        assert wire.recv(100).startswith(b"HTTP/1.1 100")
        wire.sendall(body)
        assert read_response(wire)[0] == 200


def test_39_chunks_are_fine_and_their_number_is_capped(plane: RunningPlane) -> None:
    body = json.dumps(request()).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:])) + b"0\r\n\r\n"
    with connect(plane) as wire:
        wire.sendall(head("POST", INFER, "Transfer-Encoding: chunked") + chunks)
        assert read_response(wire)[0] == 200
    with connect(plane) as wire:
        wire.sendall(head("POST", INFER, "Transfer-Encoding: chunked"))
        sender = threading.Thread(target=send_until_closed, args=(wire, b"1\r\n \r\n" * 70_000))
        sender.start()
        status, answer = read_response(wire)
        sender.join()
    assert status == 413 and json.loads(answer)["code"] == "too_large"


def test_58_requests_may_be_pipelined(plane: RunningPlane) -> None:
    body = json.dumps(request(id="one")).encode()
    whole = head("POST", INFER, f"Content-Length: {len(body)}") + body
    with connect(plane) as wire:
        wire.sendall(whole + whole.replace(b'"one"', b'"two"'))
        answers = [json.loads(read_response(wire)[1])["id"] for _ in range(2)]
    assert answers == ["one", "two"]


def test_what_is_no_http_is_answered_in_json(plane: RunningPlane) -> None:
    with connect(plane) as wire:
        wire.sendall(b"nonsense\r\n\r\n")
        status, body = read_response(wire)
    assert status == 400 and json.loads(body)["code"] == "bad_http"
    with connect(plane) as wire:
        send_until_closed(wire, head("GET", "/v2", "X-Long: " + "x" * 40_000))
        status, body = read_response(wire)
    assert status == 431 and json.loads(body)["code"] == "too_large"


# ---- lines 49 to 57: names, versions, methods


@pytest.mark.parametrize("tail", ["", "/ready", "/config", "/stats", "/infer"])
@pytest.mark.parametrize("model", ["none", f"{SERVICE}/versions/9", f"{SERVICE}/versions/x"])
def test_49_unknown_models_and_versions_are_404(plane: RunningPlane, model: str, tail: str) -> None:
    method = "POST" if tail == "/infer" else "GET"
    body = request() if method == "POST" else None
    expect_error(plane.ask(method, f"/v2/models/{model}{tail}", body), 404, "")


@pytest.mark.parametrize(
    "name",
    ["%20", "%E5%8C%97", "..%2f..%2fetc%2fpasswd", "%252e%252e", "..;", "..%5c", "%00", "a" * 300, "DEMO"],
)
def test_57_names_that_are_no_name_are_404(plane: RunningPlane, name: str) -> None:
    for path in (f"/v2/models/{name}", f"/v2/models/{name}/ready", f"/v1/services/{name}"):
        expect_error(plane.ask("GET", path), 404, "")


def test_56_another_method_is_405_and_says_which(plane: RunningPlane) -> None:
    reply = plane.ask("GET", INFER)
    expect_error(reply, 405, "Method Not Allowed")
    assert reply.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "path", ["/v2/systemsharedmemory/status", "/v2/cudasharedmemory/status", "/v2/logging", "/docs", "/"]
)
def test_what_is_not_promised_is_404(plane: RunningPlane, path: str) -> None:
    expect_error(plane.ask("GET", path), 404, "")


# ---- keys


@pytest.mark.parametrize(
    "path", ["/v2", "/v2/models", f"/v2/models/{SERVICE}", "/metrics", "/v1/services", "/x"]
)
def test_everything_but_health_needs_a_key(plane: RunningPlane, path: str) -> None:
    expect_error(plane.ask("GET", path, key=""), 401, "key")
    bearer = plane.ask("GET", path, key="", headers={"Authorization": f"Bearer {MANAGER}"})
    assert bearer.status in (200, 404)


def test_a_service_key_is_good_for_its_service_alone(plane: RunningPlane) -> None:
    assert plane.ask("POST", INFER, request(), key=ASKER).status == 200
    expect_error(plane.ask("GET", "/v2/models/other", key=ASKER), 403, "another service")
    for verb in ("load", "unload"):
        reply = plane.ask("POST", f"/v2/repository/models/{SERVICE}/{verb}", key=ASKER)
        expect_error(reply, 403, "answers only")
        assert reply.json["code"] == "scope"


def test_wrong_keys_are_limited_per_address_and_right_ones_still_work(
    tmp_path: Path, small_model: bytes
) -> None:
    ServicesFolder(tmp_path).put(SERVICE, "1", small_model)
    with RunningPlane(tmp_path, AIMASS_REQUEST_RATE="0.01", AIMASS_REQUEST_BURST="3") as own:
        codes = [own.ask("GET", "/v2", key=STRANGER).status for _ in range(25)]
        assert codes == [401] * 20 + [429] * 5
        replies = [own.ask("GET", "/v2") for _ in range(4)]
        assert [reply.status for reply in replies] == [200, 200, 200, 429]
        assert int(replies[-1].headers["retry-after"]) > 0


# ---- lines 51 to 54: the repository


@pytest.fixture
def folder(tmp_path: Path, small_model: bytes) -> ServicesFolder:
    made = ServicesFolder(tmp_path)
    made.put(SERVICE, "1", small_model)
    return made


@pytest.fixture
def own_plane(folder: ServicesFolder) -> Iterator[RunningPlane]:
    with RunningPlane(folder.root) as running:
        yield running


def states(plane: RunningPlane, body: Any = None) -> dict[str, str]:
    return {row["version"]: row["state"] for row in plane.ask("POST", "/v2/repository/index", body).json}


def test_53_the_index_takes_an_empty_body(plane: RunningPlane) -> None:
    assert states(plane) == states(plane, b"") == states(plane, {"ready": True}) == {"1": "READY"}
    expect_error(plane.ask("POST", "/v2/repository/index", {"ready": 1}), 400, "ready")


def test_54_unload_twice_then_load(own_plane: RunningPlane) -> None:
    def manage(verb: str, body: Any = None) -> int:
        return own_plane.ask("POST", f"/v2/repository/models/{SERVICE}/{verb}", body).status

    assert [manage("unload", {"parameters": {"unload_dependents": False}}), manage("unload")] == [200, 200]
    expect_error(own_plane.ask("POST", INFER, request()), 404, "loaded")
    not_ready = own_plane.ask("GET", f"/v2/models/{SERVICE}/ready")
    expect_error(not_ready, 503, "not ready")
    assert not_ready.headers["retry-after"]
    assert own_plane.ask("GET", "/v2/health/ready").status == 200
    assert [manage("load"), own_plane.ask("POST", INFER, request()).status] == [200, 200]
    assert manage("load", {"parameters": {"config": "{}"}}) == 400
    for verb in ("load", "unload"):
        expect_error(own_plane.ask("POST", f"/v2/repository/models/none/{verb}"), 404, "none")


def test_52_a_broken_version_leaves_the_old_one_serving(
    own_plane: RunningPlane, folder: ServicesFolder, small_model: bytes, small_regressor: bytes
) -> None:
    folder.put(SERVICE, "2", small_model[:-10], sha256="0" * 64)
    own_plane.wait_for(
        lambda: "reason" in own_plane.ask("GET", f"/v2/models/{SERVICE}/ready").json, "a reason"
    )
    ready = own_plane.ask("GET", f"/v2/models/{SERVICE}/ready").json
    assert ready["version"] == "1" and "SHA-256" in ready["reason"]
    assert own_plane.ask("POST", INFER, request()).json["model_version"] == "1"
    assert own_plane.ask("GET", "/v2/health/ready").json["degraded"] is True
    assert states(own_plane) == {"1": "READY", "2": "UNAVAILABLE"}
    expect_error(own_plane.ask("POST", f"/v2/repository/models/{SERVICE}/load"), 400, "SHA-256")

    folder.put(SERVICE, "3", small_regressor)
    own_plane.wait_for(lambda: own_plane.version() == "3", "version 3")
    assert own_plane.ask("GET", "/v2/health/ready").json["degraded"] is False


def test_51_no_request_fails_while_versions_change(
    own_plane: RunningPlane, folder: ServicesFolder, small_model: bytes
) -> None:
    is_over = threading.Event()

    def ask_on(_: int) -> list[int]:
        found = []
        while not is_over.is_set():
            found.append(own_plane.ask("POST", INFER, request()).status)
        return found

    with ThreadPoolExecutor(3) as pool:
        askers = [pool.submit(ask_on, i) for i in range(3)]
        for version in ("2", "3", "4"):
            folder.put(SERVICE, version, small_model)
            own_plane.wait_for(lambda wanted=version: own_plane.version() == wanted, f"version {version}")
        is_over.set()
        codes = [code for asker in askers for code in asker.result()]
    assert codes and set(codes) == {200}


def test_a_stopped_service_is_not_ready_and_says_so(own_plane: RunningPlane, folder: ServicesFolder) -> None:
    folder.set_live(SERVICE, None)
    own_plane.wait_for(lambda: own_plane.ask("GET", f"/v2/models/{SERVICE}/ready").status == 503, "stopped")
    expect_error(own_plane.ask("POST", INFER, request()), 404, "loaded")
    friendly = own_plane.ask("POST", f"/v1/services/{SERVICE}/predict", {"rows": []})
    expect_error(friendly, 503, "stopped")
    assert own_plane.ask("GET", "/v2/health/ready").status == 200


# ---- lines 59 and 60, and statistics


def test_60_every_error_is_counted_with_its_reason(own_plane: RunningPlane) -> None:
    own_plane.ask("POST", INFER, request(rows=3))
    own_plane.ask("POST", INFER, b"{", key=ASKER)
    own_plane.ask("POST", INFER, {"inputs": []})
    row = own_plane.ask("GET", f"/v2/models/{SERVICE}/stats").json["model_stats"][0]
    assert (row["inference_count"], row["execution_count"]) == (3, 1)
    assert row["inference_stats"]["fail"]["count"] == 2
    text = own_plane.ask("GET", "/metrics").body.decode()
    for line in (
        f'aimass_infer_requests_total{{model="{SERVICE}",reason="bad_json"}} 1',
        f'aimass_infer_requests_total{{model="{SERVICE}",reason="bad_request"}} 1',
        f'nv_inference_count{{model="{SERVICE}"}} 3',
    ):
        assert line in text
    expect_error(own_plane.ask("GET", "/metrics", key=ASKER), 403, "")


def test_59_a_client_that_leaves_is_counted(own_plane: RunningPlane) -> None:
    with connect(own_plane) as wire:
        wire.sendall(head("POST", INFER, "Content-Length: 1000") + b"half")

    def reasons() -> str:
        return own_plane.ask("GET", "/metrics").body.decode()

    own_plane.wait_for(lambda: "cancelled" in reasons(), "the cancelled request")
    assert f'aimass_infer_requests_total{{model="{SERVICE}",reason="cancelled"}} 1' in reasons()


# ---- a real client


@pytest.fixture(scope="module")
def cancer_plane(finished: RunPaths, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlane]:
    root = tmp_path_factory.mktemp("plane")
    ServicesFolder(root).put("cancer", "1", finished.model.read_bytes())
    with RunningPlane(root) as running:
        yield running


@pytest.mark.parametrize("is_binary", [True, False])
@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
def test_tritonclient_gets_the_answers_of_the_model(
    cancer_plane: RunningPlane, finished: RunPaths, is_binary: bool, compression: str | None
) -> None:
    model = ServedModel.open(finished.model)
    golden = model.metadata.golden_rows
    rows = golden.rows - 2
    headers = {"X-API-Key": MANAGER}
    with triton.InferenceServerClient(f"127.0.0.1:{cancer_plane.port}") as client:
        assert client.is_server_live(headers) and client.is_server_ready(headers)
        assert client.is_model_ready("cancer", headers=headers)
        inputs, values = [], {}
        for entry in client.get_model_metadata("cancer", headers=headers)["inputs"]:
            name = entry["name"]
            is_text = entry["datatype"] == "BYTES"
            values[name] = list((golden.texts if is_text else golden.numbers)[name][:rows])
            array = np.array(values[name], dtype=object if is_text else np.float32).reshape(-1, 1)
            given = triton.InferInput(name, list(array.shape), entry["datatype"])
            inputs.append(given.set_data_from_numpy(array, binary_data=is_binary))
        asked = [triton.InferRequestedOutput(name, binary_data=is_binary) for name in model.output_names]
        result = client.infer(
            "cancer",
            inputs,
            outputs=asked,
            request_id="7",
            headers=headers,
            request_compression_algorithm=compression,
            response_compression_algorithm=compression,
        )
        assert result.get_response()["id"] == "7"
        found = result.as_numpy("probabilities")
        labels = result.as_numpy("label").reshape(-1)
    answered = model.predict(batch_of(values, model.inputs))
    assert answered.labels is not None
    np.testing.assert_allclose(found, answered.scores, atol=1e-6)
    texts = [label.decode() if isinstance(label, bytes) else label for label in labels]
    assert texts == list(answered.labels)


def test_tritonclient_manages_and_reads_errors(cancer_plane: RunningPlane) -> None:
    headers = {"X-API-Key": MANAGER}
    with triton.InferenceServerClient(f"127.0.0.1:{cancer_plane.port}") as client:
        assert client.get_server_metadata(headers)["name"] == "aimass"
        assert client.get_model_repository_index(headers)[0]["state"] == "READY"
        assert client.get_model_config("cancer", headers=headers)["platform"] == "onnx_onnxv1"
        client.unload_model("cancer", headers=headers)
        assert not client.is_model_ready("cancer", headers=headers)
        client.load_model("cancer", headers=headers)
        statistics = client.get_inference_statistics("cancer", headers=headers)
        assert statistics["model_stats"][0]["name"] == "cancer"
        with pytest.raises(InferenceServerException, match="model 'none'"):
            client.get_model_metadata("none", headers=headers)


# ---- what the tests say and hear on the wire


def expect_error(reply: Reply, status: int, named: str) -> None:
    """The answer is an error as the protocol wants it, and names what is wrong."""
    assert (reply.status, reply.headers["content-type"]) == (status, "application/json"), reply.body
    assert set(reply.json) >= {"error", "code"}
    assert named in reply.json["error"], reply.json
    assert "Traceback" not in reply.json["error"]


def connect(plane: RunningPlane) -> socket.socket:
    return socket.create_connection(("127.0.0.1", plane.port), timeout=30)


def head(method: str, path: str, *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"X-API-Key: {MANAGER}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def send_until_closed(wire: socket.socket, content: bytes) -> None:
    try:
        wire.sendall(content)
    except OSError:
        return


def read_response(wire: socket.socket) -> tuple[int, bytes]:
    """Read one response with a Content-Length, and no byte more."""
    seen = b""
    while b"\r\n\r\n" not in seen:
        part = wire.recv(1)
        if not part:
            raise AssertionError(f"the connection closed after {seen!r}")
        seen += part
    lines = seen.decode().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length"))
    body = b""
    while len(body) < length:
        body += wire.recv(length - len(body))
    return int(lines[0].split()[1]), body
