from __future__ import annotations

from typing import Any

import pytest

from tests.app.api.conftest import Program, wait_for_job
from tests.served import Served

pytestmark = pytest.mark.slow


def test_an_unknown_model_is_not_found(program: Program) -> None:
    for path in ("/models/nope", "/models/..%2fetc", "/models/nope?version=3"):
        assert program.call("GET", path).status in {400, 404}


class TestAPublishedModel:
    def test_it_tells_what_it_is(self, program: Program, service: dict[str, Any]) -> None:
        model = program.call("GET", f"/models/{service['model']}").json
        assert [version["version"] for version in model["versions"]] == [1]
        assert model["about"]["task"]["target"] == "kind" or model["versions"][0]["target"] == "kind"
        listed = program.call("GET", "/models").json["items"]
        assert [(one["name"], one["services"]) for one in listed] == [("things", ["things"])]
        described = program.call("PATCH", "/models/things", {"title": "Things", "description": "What it is."})
        assert described.json["description"] == "What it is."

    def test_its_file_and_report_can_be_taken_away(
        self, program: Program, service: dict[str, Any], served: Served
    ) -> None:
        browser = served.client()
        browser.sign_in()
        file = browser.get("/download/models/things/1/model.onnx")
        assert file.status == 200
        assert "attachment" in file.headers["content-disposition"]
        assert file.headers["content-type"] == "application/octet-stream"
        report = browser.get("/report/things/1")
        assert report.headers["content-type"].startswith("text/html")
        assert "sandbox" in report.headers["content-security-policy"]
        assert b"<title>AI Mass</title>" not in report.body[:2000]
        kept = browser.get("/download/models/things/1/report.html")
        assert "attachment" in kept.headers["content-disposition"]
        assert browser.get("/download/models/things/2/model.onnx").status == 404

    def test_it_answers_a_file(self, program: Program, service: dict[str, Any], served: Served) -> None:
        upload = program.send("rows.csv", b"size,colour\n5.1,red\n0.9,blue\n").json["id"]
        asked = {"upload_id": upload, "keep_columns": False}
        job = wait_for_job(program, program.call("POST", "/models/things/versions/1/predictions", asked))
        browser = served.client()
        browser.sign_in()
        answers = browser.get(f"/download/jobs/{job['id']}/answers")
        lines = answers.text.splitlines()
        assert len(lines) == 3
        assert "big" in lines[1]
        assert "small" in lines[2]

    def test_it_is_not_withdrawn_while_it_answers(self, program: Program, service: dict[str, Any]) -> None:
        assert program.call("POST", "/models/things/versions/1/withdraw").status == 409
