from __future__ import annotations

import json

import pytest

from app.usecases.refusals import NotFound, TooManyAttempts
from app.web.answers import problem_of, unforeseen
from engine.errors import AimassError, InvalidSpec, WorkFailed
from tests.app.web.test_visitor import STRANGER
from tests.served import Client


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFound("No.", remedy="Look."), 404, "not_found"),
        (InvalidSpec("No.", remedy="Look."), 422, "invalid_spec"),
        (WorkFailed("No.", remedy="Look."), 500, "work_failed"),
    ],
)
def test_an_error_of_ours_keeps_its_words(error: AimassError, status: int, code: str) -> None:
    answer = problem_of(STRANGER, error)
    told = json.loads(bytes(answer.body))
    assert answer.status_code == status
    assert told == {"error": "No.", "code": code, "request_id": "0" * 16, "remedy": "Look."}


def test_too_many_attempts_say_when_to_come_back() -> None:
    answer = problem_of(STRANGER, TooManyAttempts("No.", remedy="Wait.", retry_after_s=77))
    assert answer.headers["retry-after"] == "77"


def test_the_unforeseen_tells_nothing_but_its_number() -> None:
    told = json.loads(bytes(unforeseen(STRANGER).body))
    assert told["code"] == "internal"
    assert told["request_id"] == "0" * 16
    assert "Traceback" not in told["error"]


@pytest.mark.slow
def test_people_get_a_page_and_programs_json(admin: Client) -> None:
    page = admin.get("/download/jobs/nope/log")
    assert page.status == 404
    assert 'role="alert"' in page.text
    assert admin.call("GET", "/download/jobs/nope/log").json["code"] == "not_found"
