"""The API as a whole: one shape of refusal, and documentation that is drawn from inside the box."""

from __future__ import annotations

import re

import pytest

from app.api.build import build_api
from tests.app.api.conftest import Program
from tests.served import Client

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nowhere", None, 404, "not_found"),
        ("PUT", "/datasets", None, 405, "wrong_method"),
        ("GET", "/datasets?limit=0", None, 422, "invalid_request"),
        ("GET", "/datasets?limit=many", None, 422, "invalid_request"),
        ("GET", "/jobs?state=asleep", None, 422, "invalid_request"),
        ("POST", "/runs", {"dataset_id": "x"}, 422, "invalid_request"),
        ("POST", "/runs", {"dataset_id": "x", "target": "y", "sudo": True}, 422, "invalid_request"),
        ("POST", "/runs", ["x"], 422, "invalid_request"),
        ("POST", "/runs", {"dataset_id": "../../etc", "target": "y"}, 404, "not_found"),
        ("GET", "/runs/..%2f..%2fetc%2fpasswd", None, 404, "not_found"),
        ("GET", "/datasets/%00", None, 404, "not_found"),
    ],
)
def test_every_refusal_has_one_shape(
    program: Program, method: str, path: str, body: object, status: int, code: str
) -> None:
    answer = program.call(method, path, body)
    if answer.status == 400 and not answer.body.startswith(b"{"):
        return  # the path itself was refused before it came to the API
    assert (answer.status, answer.json["code"]) == (status, code), answer.body
    assert {"error", "code", "request_id"} <= set(answer.json) <= {"error", "code", "request_id", "remedy"}
    assert answer.headers["x-request-id"] == answer.json["request_id"]
    assert "Traceback" not in answer.text
    assert "/work" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b'{"dataset_id": NaN}',
        b"[" * 100_000,
        b'{"a":' + b"9" * 5000 + b"}",
        b"\xff\xfe",
        b'"\\ud800"',
    ],
)
def test_hostile_json_is_refused_and_the_server_lives(admin: Client, body: bytes) -> None:
    answer = admin.ask("POST", "/api/v1/runs", body=body, headers={"Content-Type": "application/json"})
    assert answer.status in {400, 422}
    assert answer.json["code"] in {"bad_request", "invalid_request"}
    assert admin.call("GET", "/api/v1/account").status == 200


def test_every_route_is_documented_with_words_and_a_room() -> None:
    paths = build_api().openapi()["paths"]
    assert len(paths) > 35
    bare = [
        (path, method)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if not operation.get("description") or not operation.get("tags")
    ]
    assert bare == []


def test_the_documentation_is_drawn_from_inside_the_box(admin: Client, stranger: Client) -> None:
    page = admin.get("/api/docs")
    assert page.status == 200
    drawn = re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^"]+)"', page.text)
    assert len(drawn) > 5
    for place in drawn:
        assert place.startswith("/assets/")
        assert stranger.get(place).status == 200
    assert "unsafe-inline" not in page.headers["content-security-policy"].split("script-src")[1].split(";")[0]
    assert admin.call("GET", "/api/openapi.json").json["info"]["title"] == "AI Mass"


def test_the_documentation_begins_in_the_readers_language(admin: Client) -> None:
    page = admin.get("/api/docs", accept_language="zh-CN")
    assert '<html lang="zh-CN">' in page.text and "面向程序的 API" in page.text


def test_the_callers_language_is_spoken(admin: Client) -> None:
    assert admin.call("GET", "/api/v1/runs/x", accept_language="zh-CN").json["code"] == "not_found"
