"""Without a plane, or with one that talks nonsense, the page gets a sentence."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from app.usecases.refusals import NotFound, Refusal, TooLarge, TooManyAttempts
from app.usecases.service_answers import Unavailable, ask, is_answering
from app.wiring import Appliance
from engine.words import words, words_to_json
from store import services
from store.services import Service
from store.table import now
from tests.app.usecases.walking import ADA

pytestmark = pytest.mark.slow


@pytest.fixture
def told(box: Appliance) -> Iterator[tuple[Appliance, list[Any]]]:
    """A box beside a server that answers what the list says: status, headers, body."""
    answers: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            status, headers, body = answers.pop(0)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with box.db.write() as tx:
        at = now()
        services.add(
            tx,
            Service(
                name="demo",
                title="Demo",
                model_id="m",
                live_version=1,
                state="live",
                created_by="u",
                created_at=at,
                updated_at=at,
            ),
        )
    yield replace(box, serve=replace(box.serve, inference_port=server.server_port)), answers
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refusal),
        (404, NotFound),
        (413, TooLarge),
        (422, Refusal),
        (429, TooManyAttempts),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_each_status_is_its_own_refusal(
    told: tuple[Appliance, list[Any]], status: int, kind: type[Refusal]
) -> None:
    box, answers = told
    sentence = words("Row {row:,} is wrong.", row=1200)
    body = {
        "error": "plain",
        "remedy": "r",
        "words": {"error": words_to_json(sentence), "remedy": words_to_json("Mend it.")},
    }
    answers.append((status, {"Retry-After": "7"}, json.dumps(body).encode()))
    with pytest.raises(kind) as caught:
        ask(box, ADA, "demo", [{}])
    assert type(caught.value) is kind
    assert (caught.value.message, caught.value.remedy) == ("Row 1,200 is wrong.", "Mend it.")
    assert caught.value.message.template == "Row {row:,} is wrong."  # type: ignore[attr-defined]
    assert getattr(caught.value, "retry_after_s", 7) == 7


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff"])
def test_an_answer_that_is_none(told: tuple[Appliance, list[Any]], body: bytes) -> None:
    box, answers = told
    answers.append((200, {}, body))
    with pytest.raises(Unavailable, match="does not answer"):
        ask(box, ADA, "demo", [{}])


def test_a_plane_lives_when_it_says_so(told: tuple[Appliance, list[Any]], box: Appliance) -> None:
    answering, answers = told
    answers += [(200, {}, b"{}"), (503, {}, b"{}")]
    assert is_answering(answering)
    assert not is_answering(answering)
    assert not is_answering(replace(box, serve=replace(box.serve, inference_port=9)))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), now(), "\ud800", b"x", {1, 2}])
def test_values_that_cannot_be_sent_are_refused(told: tuple[Appliance, list[Any]], value: Any) -> None:
    with pytest.raises(Refusal, match="cannot be sent"):
        ask(told[0], ADA, "demo", [{"a": value}])
