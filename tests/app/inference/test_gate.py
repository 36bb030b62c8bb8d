"""Every route but health needs a key; every answer carries what browsers and support need, and no more."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from app.inference.gate import PUBLIC_PATHS, Gate, on_fault
from app.inference.plane import Plane
from app.inference.process import build_app
from app.settings import Settings
from tests.planes import MANAGER, Reply, ServicesFolder


@pytest.fixture
def plane(tmp_path: Path) -> Plane:
    folder = ServicesFolder(tmp_path).folder
    made = Plane.of(folder, Settings(threads=2, memory_gib=0.5), "0.0.test")
    made.refresh()
    return made


def ask(app: Any, path: str, method: str = "GET", key: str = MANAGER) -> Reply:
    """Send one request through an ASGI app."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"x-api-key", key.encode())] if key else [],
        "client": ("127.0.0.1", 1),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    async def work() -> None:
        try:
            await app(scope, receive, send)
        except RuntimeError:
            assert sent  # starlette answers, and then tells the server what happened

    asyncio.run(work())
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Reply(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


def test_every_route_needs_a_key_unless_it_is_public(plane: Plane) -> None:
    app = build_app(plane)
    paths = {route.path for route in app.routes if isinstance(route, Route)}
    assert paths > PUBLIC_PATHS and len(paths) > 20
    for path in paths:
        for method in ("GET", "POST", "PUT", "OPTIONS"):
            status = ask(app, path.replace("{", "").replace("}", ""), method, key="").status
            assert (status == 401) == (path not in PUBLIC_PATHS), (method, path, status)


def test_every_answer_has_an_id_and_is_not_kept(plane: Plane) -> None:
    app = build_app(plane)
    replies = [ask(app, path) for path in ("/v2", "/nowhere", "/v2")]
    assert [reply.status for reply in replies] == [200, 404, 200]
    assert len({reply.headers["x-request-id"] for reply in replies}) == 3
    for reply in replies:
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cache-control"] == "no-store"
    assert replies[1].json["request_id"] == replies[1].headers["x-request-id"]


def test_a_fault_tells_nothing_but_its_id(plane: Plane, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(request: Request) -> None:
        raise RuntimeError("secret /path")

    app = build_app(plane)
    app.router.routes.append(Route("/x", broken))
    reply = ask(app, "/x")
    assert (reply.status, reply.json["error"]) == (500, "internal error")
    assert b"secret" not in reply.body
    assert reply.json["request_id"] in caplog.text and "secret /path" in caplog.text


def test_the_portal_is_told_sentences_that_it_can_translate(plane: Plane) -> None:
    own = hashlib.sha256(b"s" * 40).hexdigest()
    # Nobody read it before the first question: a portal that has just started is known at once.
    file = plane.folder / "keys.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "portal": own}))
    inner = Starlette(exception_handlers={Exception: on_fault})
    assert ask(Gate(inner, plane), "/v2", key="s" * 40).status == 404
    told = json.loads(ask(build_app(plane), "/v1/services/none", key="s" * 40).body)
    assert told["words"]["error"]["text"] == told["error"]
    assert "words" not in ask(build_app(plane), "/v1/services/none").json
