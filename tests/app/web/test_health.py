from __future__ import annotations

import pytest

from app.web.health import Readiness
from tests.served import Client

pytestmark = pytest.mark.slow


def test_reasons_come_and_go() -> None:
    readiness = Readiness()
    assert readiness.why == ("starting",)
    readiness.say("starting", False)
    asked = []
    readiness.watch("jobs", lambda: bool(asked.append(1)) or len(asked) > 1)
    assert readiness.why == ()
    readiness.say("database", True)
    assert readiness.why == ("database", "jobs")


def test_anyone_may_ask_and_learns_no_more_than_codes(stranger: Client) -> None:
    answer = stranger.call("GET", "/healthz")
    assert answer.status == 200
    assert answer.json["live"] is True
    assert answer.json["ready"] is True
    assert set(answer.json) == {"live", "ready", "why"}
    assert set(answer.json["why"]) <= {"inference"}
    assert stranger.call("POST", "/healthz").status == 405
