"""The cookies: the session's, which no script can read, and the language's, which is nobody's secret."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.responses import Response

from app.language import LANGUAGE_COOKIE
from app.settings import ServeSettings

_SESSION = "aimass_session"
_SESSION_SECONDS = 7 * 86_400
_YEAR_SECONDS = 365 * 86_400
_LONGEST_TOKEN = 200


def session_cookie(settings: ServeSettings) -> str:
    """Return the cookie's name. `__Host-` makes a browser insist on https, on `/`, and on this very host."""
    return f"__Host-{_SESSION}" if settings.is_https else _SESSION


def session_token(connection: HTTPConnection, settings: ServeSettings) -> str:
    """Return the session token that came along, "" when none did or it cannot be one."""
    token = connection.cookies.get(session_cookie(settings), "")
    return token if len(token) <= _LONGEST_TOKEN else ""


def set_session(response: Response, token: str, settings: ServeSettings) -> None:
    """Let the browser keep the session; the server's own table decides how long it lives."""
    response.set_cookie(
        session_cookie(settings),
        token,
        max_age=_SESSION_SECONDS,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.is_https,
    )


def clear_session(response: Response, settings: ServeSettings) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(
        session_cookie(settings), path="/", httponly=True, samesite="lax", secure=settings.is_https
    )


def set_language(response: Response, code: str, settings: ServeSettings) -> None:
    """Let the browser remember the chosen language for a year."""
    response.set_cookie(
        LANGUAGE_COOKIE, code, max_age=_YEAR_SECONDS, path="/", samesite="lax", secure=settings.is_https
    )
