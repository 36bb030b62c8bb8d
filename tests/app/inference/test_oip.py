"""What the protocol's routes say beyond the checklist: deadlines of clients, configuration, what a key may see."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.inference.oip import EXTENSIONS
from tests.engine.published import CITY
from tests.planes import ASKER, SERVICE, RunningPlane, ServicesFolder

pytestmark = pytest.mark.slow


def test_a_clients_own_deadline_stops_the_run(tmp_path: Path, slow_model: bytes) -> None:
    ServicesFolder(tmp_path).put(SERVICE, "1", slow_model)
    message = {
        "inputs": [{"name": "turns", "shape": [1, 1], "datatype": "FP32", "data": [1e18]}],
        "parameters": {"timeout": 200_000},
    }
    with RunningPlane(tmp_path, AIMASS_ANSWER_SECONDS="600") as running:
        reply = running.ask("POST", f"/v2/models/{SERVICE}/infer", message)
        assert (reply.status, reply.json["code"]) == (504, "deadline")
        message["inputs"][0]["data"] = [3.0]  # type: ignore[index]
        message["parameters"] = {"timeout": 2**63}
        answer = running.ask("POST", f"/v2/models/{SERVICE}/infer", message).json
        assert answer["outputs"][0]["data"] == [3.0]


def test_the_configuration_has_what_perf_analyzer_reads(plane: RunningPlane) -> None:
    config = plane.ask("GET", f"/v2/models/{SERVICE}/config").json
    assert config["max_batch_size"] == 0
    assert {entry["name"]: entry["data_type"] for entry in config["input"]}[CITY] == "TYPE_STRING"
    assert {entry["data_type"] for entry in config["output"]} == {"TYPE_STRING", "TYPE_FP32"}


def test_a_key_sees_its_own_service_only(tmp_path: Path, small_model: bytes) -> None:
    folder = ServicesFolder(tmp_path)
    folder.put(SERVICE, "1", small_model)
    folder.put("other", "1", small_model)
    with RunningPlane(tmp_path) as running:
        assert running.ask("GET", "/v2/models").json == {"models": [SERVICE, "other"]}
        assert running.ask("GET", "/v2/models", key=ASKER).json == {"models": [SERVICE]}
        index = running.ask("POST", "/v2/repository/index", key=ASKER).json
        assert [row["name"] for row in index] == [SERVICE]
        stats = running.ask("GET", "/v2/models/stats", key=ASKER).json["model_stats"]
        assert [row["name"] for row in stats] == [SERVICE]
        listed = running.ask("GET", "/v1/services", key=ASKER).json["services"]
        assert [row["service"] for row in listed] == [SERVICE]


def test_only_what_works_is_advertised(plane: RunningPlane) -> None:
    assert plane.ask("GET", "/v2").json["extensions"] == list(EXTENSIONS)
    assert not {"system_shared_memory", "cuda_shared_memory", "trace", "logging", "sequence"} & set(
        EXTENSIONS
    )
