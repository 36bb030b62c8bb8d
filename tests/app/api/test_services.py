from __future__ import annotations

from typing import Any

import pytest

from tests.app.api.conftest import Program, wait_until
from tests.served import Served

pytestmark = pytest.mark.slow


def test_an_unknown_service_is_not_found(program: Program) -> None:
    assert program.call("GET", "/services").status == 200
    assert program.call("GET", "/services/nope").status == 404
    assert program.call("POST", "/services/nope/ask", {"rows": [{}]}).status == 404
    assert program.call("PUT", "/services/nope", {"model": "nope", "version": 1}).status == 404
    assert program.call("PUT", "/services/Not%20A%20Name", {"model": "nope", "version": 1}).status in {
        404,
        422,
    }


class TestAService:
    def test_it_answers_and_says_what_it_reads(self, program: Program, service: dict[str, Any]) -> None:
        rows = [{"size": 5.1, "colour": "red"}, {"size": None, "colour": "green"}]
        answer = program.call("POST", "/services/things/ask", {"rows": rows, "explain": True}).json
        assert answer["rows"][0]["label"] == "big"
        assert len(answer["rows"]) == 2
        seen = program.call("GET", "/services/things").json
        assert {one["name"] for one in seen["inputs"]} == {"size", "colour"}
        assert seen["service"]["live_version"] == 1

    def test_a_row_that_does_not_fit_is_refused_in_words(
        self, program: Program, service: dict[str, Any]
    ) -> None:
        answer = program.call("POST", "/services/things/ask", {"rows": [{"size": "large", "colour": "red"}]})
        assert answer.status == 422
        assert "size" in answer.json["error"]

    def test_it_is_stopped_and_started(self, program: Program, service: dict[str, Any]) -> None:
        rows = {"rows": [{"size": 1.0, "colour": "red"}]}
        assert program.call("POST", "/services/things/stop").json["state"] == "stopped"
        wait_until(lambda: program.call("POST", "/services/things/ask", rows).status != 200)
        assert program.call("POST", "/services/things/start").json["state"] == "live"
        wait_until(lambda: program.call("POST", "/services/things/ask", rows).status == 200)

    def test_its_key_is_made_and_revoked_by_who_is_signed_in(
        self, program: Program, service: dict[str, Any], served: Served
    ) -> None:
        browser, place = served.client(), "/services/things/keys"
        browser.sign_in()
        made = browser.call("POST", f"/api/v1{place}", {"name": "till"})
        assert made.status == 201
        assert (made.json["key"]["scope"], made.json["key"]["service"]) == ("infer", "things")
        one = f"{place}/{made.json['key']['id']}"
        assert program.call("POST", place, {"name": "till"}).status == 403
        assert program.call("DELETE", one).status == 403
        assert browser.call("DELETE", f"/api/v1{one}").status == 204
