"""A running inference plane: a services folder made as the portal makes it, and the real process that serves it."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.export.publish import publish
from engine.files import write_json
from engine.specs.schema import Column, Schema
from engine.specs.training import TaskSpec
from tests.engine.published import make_card, publish_small
from tests.engine.published_pictures import publish_pictures

REPOSITORY = Path(__file__).resolve().parents[1]
MANAGER, ASKER, STRANGER = "aim_manager0_secret", "aim_asker000_secret", "aim_strange0_secret"
SERVICE = "demo"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class ServicesFolder:
    """The `services/` of a data folder."""

    root: Path
    versions: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(
            self.folder / "keys.json", {"keys": [_key(MANAGER, "api", None), _key(ASKER, "infer", SERVICE)]}
        )

    @property
    def folder(self) -> Path:
        return self.root / "services"

    def put(self, service: str, version: str, model: bytes, *, sha256: str = "", live: bool = True) -> Path:
        """Lay a model file down as a version, and make it the live one."""
        file = f"versions/{version}/model.onnx"
        path = self.folder / service / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(model)
        known = self.versions.setdefault(service, {})
        known[version] = {"file": file, "sha256": sha256 or hashlib.sha256(model).hexdigest()}
        if live:
            self.set_live(service, version)
        return path

    def set_live(self, service: str, version: str | None) -> None:
        facts = {
            "name": service,
            "title": service.title(),
            "live": version,
            "versions": self.versions[service],
        }
        write_json(self.folder / service / "service.json", facts)


def _key(secret: str, scope: str, service: str | None) -> dict[str, Any]:
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return {"id": secret[4:12], "sha256": digest, "scope": scope, "service": service, "user": "u"}


class RunningPlane:
    """`python -m app.inference` as a process of its own."""

    def __init__(self, root: Path, **environment: str) -> None:
        self.root = root
        settings = {"AIMASS_REQUEST_RATE": "1000000", "AIMASS_REQUEST_BURST": "1000000"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.inference", str(root), "--port", "0"],
            cwd=REPOSITORY,
            env={**os.environ, **settings, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.greeting = self.process.stdout.readline()
        if "answers at" not in self.greeting:
            raise AssertionError(self.process.communicate()[1])
        self.port = int(self.greeting.rsplit(":", 1)[1])
        self.wait_for(lambda: self.ask("GET", "/v2/health/ready", key="").status == 200, "ready")

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = MANAGER,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request on its own connection.   body: bytes, or a value to send as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
            given = {"X-API-Key": key} if key else {}
            connection.request(method, path, content, {**given, **(headers or {})})
            response = connection.getresponse()
            return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def wait_for(self, claim: Any, what: str, seconds: float = 30.0) -> None:
        """Return once `claim()` holds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if claim():
                return
            time.sleep(0.05)
        raise AssertionError(f"waited {seconds:g} s for: {what}")

    def version(self, service: str = SERVICE) -> str | None:
        """The version that answers."""
        found: str | None = self.ask("GET", f"/v2/models/{service}/ready").json.get("version")
        return found

    def stop(self) -> int:
        """Send SIGTERM and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
        self.errors = self.process.communicate(timeout=30)[1]
        return self.process.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A published classifier with two numbers and a text as inputs."""
    path = tmp_path_factory.mktemp("small") / "model.onnx"
    publish_small(path)
    return path.read_bytes()


@pytest.fixture(scope="session")
def small_regressor(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A published model with one number as its answer."""
    path = tmp_path_factory.mktemp("small") / "regressor.onnx"
    publish_small(path, classes=())
    return path.read_bytes()


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory, small_model: bytes) -> Iterator[RunningPlane]:
    """A plane that serves `small_model` as "demo"; look, do not change its folder."""
    root = tmp_path_factory.mktemp("plane")
    ServicesFolder(root).put(SERVICE, "1", small_model)
    with RunningPlane(root) as running:
        yield running


@pytest.fixture(scope="session")
def picture_model_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A published model that names the strongest colour of a picture."""
    return publish_pictures(tmp_path_factory.mktemp("pictures") / "model.onnx").path.read_bytes()


@pytest.fixture(scope="module")
def picture_plane(
    tmp_path_factory: pytest.TempPathFactory, picture_model_bytes: bytes, small_model: bytes
) -> Iterator[RunningPlane]:
    """A plane that serves a model of pictures as "demo" and one of a table as "table"."""
    root = tmp_path_factory.mktemp("picture-plane")
    folder = ServicesFolder(root)
    folder.put(SERVICE, "1", picture_model_bytes)
    folder.put("table", "1", small_model)
    with RunningPlane(root) as running:
        yield running


def publish_slow(path: Path) -> bytes:
    """Publish a model that loops as often as its one input, `turns`, says; it answers what it was asked."""
    turns, total = "turns", "target"
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go_on"], ["goes_on"]),
            helper.make_node("Identity", ["held"], ["kept"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("held", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("kept", TensorProto.FLOAT, None),
        ],
    )
    nodes = [
        helper.make_node("IsNaN", [turns], ["absent"]),
        helper.make_node("Where", ["absent", "zero", turns], ["present"]),
        helper.make_node("ReduceMax", ["present"], ["most"], keepdims=0),
        helper.make_node("Cast", ["most"], ["count"], to=TensorProto.INT64),
        helper.make_node("Loop", ["count", "yes", "present"], ["prediction"], body=body),
    ]
    graph = helper.make_graph(
        nodes,
        "slow",
        [helper.make_tensor_value_info(turns, TensorProto.FLOAT, ["N", 1])],
        [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["N", 1])],
        [
            numpy_helper.from_array(np.zeros(1, np.float32), "zero"),
            numpy_helper.from_array(np.array(True), "yes"),
        ],
    )
    task = TaskSpec(target=total, task="regression", metric="rmse")
    columns = tuple(
        Column(name=name, source_name=name, physical="double", semantic="number") for name in (turns, total)
    )
    publish(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10),
        schema=Schema(columns=columns),
        task=task,
        card=make_card(task),
        rows=pa.RecordBatch.from_pydict({turns: [1.0, 2.0, 3.0]}),
        version="0.0.test",
        path=path,
    )
    return path.read_bytes()


@pytest.fixture(scope="session")
def slow_model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A published model that works as long as it is asked to: 1e18 turns never end."""
    return publish_slow(tmp_path_factory.mktemp("slow") / "model.onnx")
