from __future__ import annotations

from typing import Any

import pytest

from tests.app.api.conftest import Program, wait_until

pytestmark = pytest.mark.slow


def test_a_run_is_asked_for_changed_and_deleted(program: Program, dataset_id: str) -> None:
    made = program.call("POST", "/runs", {"dataset_id": dataset_id, "target": "kind", "name": "First"})
    assert made.status == 201
    place = f"/runs/{made.json['id']}"
    wait_until(lambda: program.call("GET", place).json["run"]["step"] == "split")
    seen = program.call("GET", place).json
    assert seen["spec"]["target"] == "kind"
    assert seen["steps"][0]["state"] == "done"
    for view in ("features", "split", "choices", "live", "report"):
        assert program.call("GET", f"{place}/{view}").status == 200, view
    revision = seen["run"]["revision"]
    changed = program.call("PATCH", place, {"revision": revision, "fields": {"seed": 7}})
    assert changed.json["revision"] > revision
    assert program.call("PATCH", place, {"revision": revision, "fields": {"seed": 8}}).status == 409
    wrong = program.call("PATCH", place, {"revision": changed.json["revision"], "fields": {"metric": "luck"}})
    assert wrong.status == 422
    assert program.call("PUT", f"{place}/name", {"name": "Second"}).json["name"] == "Second"
    assert program.call("DELETE", place).status == 204
    assert program.call("GET", place).status == 404


def test_a_target_that_is_no_column_is_refused(program: Program, dataset_id: str) -> None:
    answer = program.call("POST", "/runs", {"dataset_id": dataset_id, "target": "colors"})
    assert answer.status == 422
    assert "colour" in answer.json["error"]


def test_a_finished_run_has_a_report_and_can_be_compared(program: Program, service: dict[str, Any]) -> None:
    place = f"/runs/{service['run']}"
    assert program.call("GET", f"{place}/report").json["task"]
    assert program.call("GET", place).json["run"]["score"] is not None
    assert program.call("GET", f"/runs/compare?run_id={service['run']}").status == 422
    compared = program.call("GET", f"/runs/compare?run_id={service['run']}&run_id={service['run']}")
    assert compared.status in {200, 422}
