from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection
from starlette.responses import Response

from app.settings import ServeSettings
from app.web.cookies import clear_session, session_cookie, session_token, set_language, set_session

PLAIN = ServeSettings()
HTTPS = ServeSettings(public_url="https://ai.example.com")


@pytest.mark.parametrize("settings", [PLAIN, HTTPS])
def test_a_session_goes_out_and_comes_back(settings: ServeSettings) -> None:
    answer = Response()
    set_session(answer, "token", settings)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert ("Secure" in cookie) == settings.is_https == session_cookie(settings).startswith("__Host-")
    connection = HTTPConnection({"type": "http", "headers": [(b"cookie", cookie.partition(";")[0].encode())]})
    assert session_token(connection, settings) == "token"


def test_one_that_cannot_be_a_token_is_none() -> None:
    scope = {"type": "http", "headers": [(b"cookie", b"aimass_session=" + b"a" * 1000)]}
    assert session_token(HTTPConnection(scope), PLAIN) == ""
    assert session_token(HTTPConnection({"type": "http", "headers": []}), PLAIN) == ""


def test_forgetting_and_the_language() -> None:
    answer = Response()
    clear_session(answer, PLAIN)
    assert "Max-Age=0" in answer.headers["set-cookie"]
    set_language(answer, "zh_CN", PLAIN)
    assert "aimass_lang=zh_CN" in answer.headers.getlist("set-cookie")[1]
