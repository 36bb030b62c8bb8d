"""The gate in front of everything on the port: pages, websocket, files, API. What it lets through has a caller."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.language import LANGUAGE_COOKIE, choose_language, translator
from app.usecases import accounts
from app.usecases.person import Person
from app.usecases.refusals import Forbidden, NotSignedIn, TooLarge, TooManyAttempts
from app.web.answers import nothing_saved, problem_of, refuse, unforeseen, wants_page
from app.web.cookies import session_cookie, session_token
from app.web.headers import secure
from app.web.hosts import hosts_of
from app.web.identity import IDENTITY_HEADERS, headers_of
from app.web.limits import Buckets
from app.web.sockets import SESSION_ENDED, LiveSockets, Login
from app.web.visitor import STATE, Via, Visitor, visitor_of
from app.wiring import Appliance
from engine.errors import AimassError
from engine.words import words
from store.database import DatabaseFull

log = logging.getLogger(__name__)

#: What anyone may ask for: the sign-in pages, their files, Streamlit's own bundle (public code), liveness.
PUBLIC_PATHS = frozenset({"/login", "/healthz", "/favicon.ico"})
PUBLIC_PREFIXES = ("/setup/", "/password/", "/lang/", "/assets/", "/static/")
#: Public files that are the same for everyone: browsers may keep them.
KEPT_PREFIXES = ("/assets/", "/static/")

#: What counts the bytes of a body for itself.
BIG_BODIES = ("/uploads/", "/api/v1/uploads")
#: Where programs go: a key counts here.
KEY_PREFIXES = ("/api/", "/uploads", "/download/")

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_BODY_BYTES = 1 << 20
_WIDGET_UPLOAD_BYTES = 64 << 20
_IDENTITY = frozenset(name.lower().encode() for name in IDENTITY_HEADERS)
_LONGEST_AGENT = 300


class Gate:
    """Pure ASGI middleware, the outermost of the portal's app (PORTAL §1)."""

    def __init__(self, app: ASGIApp, *, box: Appliance, sockets: LiveSockets) -> None:
        self._app = app
        self._box = box
        self._sockets = sockets
        self._hosts = hosts_of(box.serve)
        self._wrong_keys = Buckets(size=20, per_second=20 / 60)
        self._requests = Buckets(size=2000, per_second=200)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        # Identity headers are ours alone: whatever came over the wire under their names is dropped.
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name not in _IDENTITY]
        connection = HTTPConnection(scope)
        visitor = self._stranger(connection)
        scope.setdefault("state", {})[STATE] = visitor
        if scope["type"] == "websocket":
            await self._socket(connection, receive, send)
            return
        seal = _Seal(send, scope["path"], visitor)
        try:
            await self._request(connection, receive, seal)
        except DatabaseFull:
            await self._fail(connection, receive, seal, partial(refuse, connection, nothing_saved()))
        except AimassError as error:
            await self._fail(connection, receive, seal, partial(refuse, connection, error))
        except Exception:
            log.exception("%s %s failed (request %s)", scope["method"], scope["path"], visitor.request_id)
            answer = partial(unforeseen, visitor_of(connection), as_page=wants_page(connection))
            await self._fail(connection, receive, seal, answer)

    async def _request(self, connection: HTTPConnection, receive: Receive, send: Send) -> None:
        scope = connection.scope
        self._check_host(connection)
        visitor = await self._recognise(connection)
        scope["state"][STATE] = visitor
        if visitor.who is None and not is_public(scope["path"]):
            await self._turn_away(connection)(scope, receive, send)
            return
        self._check_rate(visitor)
        if scope["method"] not in _SAFE_METHODS and visitor.via != "key":
            check_same_origin(connection)
        if visitor.who is not None:
            scope["headers"] = [*scope["headers"], *headers_of(visitor.who)]
        await self._app(scope, self._limited(connection, receive), send)

    def _stranger(self, connection: HTTPConnection) -> Visitor:
        headers = connection.headers
        code = choose_language(connection.cookies.get(LANGUAGE_COOKIE), headers.get("accept-language", ""))
        return Visitor(
            box=self._box,
            who=None,
            via="nothing",
            token="",
            address=connection.client.host if connection.client else "",
            agent="".join(c for c in headers.get("user-agent", "") if c.isprintable())[:_LONGEST_AGENT],
            language=translator(code),
            request_id=secrets.token_hex(8),
        )

    async def _recognise(self, connection: HTTPConnection) -> Visitor:
        """Return the visitor with who it is: by key where programs go, else by cookie; with a key no cookie counts."""
        visitor = visitor_of(connection)
        if connection.scope["path"].startswith(KEPT_PREFIXES):
            return visitor
        scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
        if connection.scope["path"].startswith(KEY_PREFIXES) and scheme.lower() == "bearer":
            who = await self._person_of_key(secret.strip(), visitor.address)
            return _known(visitor, who, "key", "")
        token = session_token(connection, self._box.serve)
        person = await run_in_threadpool(accounts.person_of_session, self._box, token) if token else None
        return _known(visitor, person, "cookie", token) if person else visitor

    async def _person_of_key(self, secret: str, address: str) -> Person:
        wait = self._wrong_keys.wait(address)
        if wait:
            raise _too_often(wait)
        who = await run_in_threadpool(accounts.person_of_key, self._box, secret)
        if who is None:
            self._wrong_keys.take(address)
            raise NotSignedIn(
                words("The key is not valid here."), remedy=words("Send a key that is not revoked.")
            )
        return who

    def _check_host(self, connection: HTTPConnection) -> None:
        if not self._hosts.includes(connection.headers.get("host", "")):
            raise Forbidden(
                words("This server does not answer to the name in the request."),
                remedy=words("Use the server's own address, or add the name to AIMASS_ALLOWED_HOSTS."),
            )

    def _check_rate(self, visitor: Visitor) -> None:
        if visitor.who is not None:
            wait = self._requests.take(visitor.who.id)
            if wait:
                raise _too_often(wait)

    def _turn_away(self, connection: HTTPConnection) -> Response:
        """Return what a stranger gets: people go to the sign-in page and come back, programs are told."""
        scope = connection.scope
        if scope["method"] in {"GET", "HEAD"} and wants_page(connection):
            query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
            there = quote(scope["path"] + query, safe="")
            return RedirectResponse("/login" if there == "%2F" else f"/login?next={there}", 303)
        error = NotSignedIn(words("Nobody is signed in here."), remedy=words("Sign in, then try again."))
        answer = problem_of(visitor_of(connection), error)
        answer.headers["WWW-Authenticate"] = "Bearer"
        if connection.cookies.get(session_cookie(self._box.serve)):
            answer.delete_cookie(session_cookie(self._box.serve), path="/")
        return answer

    def _limited(self, connection: HTTPConnection, receive: Receive) -> Receive:
        """Return `receive` that ends an endless body; uploads count for themselves.   Raises: TooLarge."""
        path = connection.scope["path"]
        if path.startswith(BIG_BODIES):
            return receive
        most = _WIDGET_UPLOAD_BYTES if path.startswith("/_stcore/upload_file/") else _BODY_BYTES
        error = TooLarge(
            words("The request is too large. Expected: at most {most} bytes.", most=most),
            remedy=words("Send less at once, or upload a file."),
        )
        if int(connection.headers.get("content-length") or 0) > most:
            raise error
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise error
            return message

        return counted

    async def _socket(self, connection: HTTPConnection, receive: Receive, send: Send) -> None:
        """Let a websocket through, or refuse it before it is accepted: the browser sees 403."""
        scope = connection.scope
        try:
            self._check_host(connection)
            check_same_origin(connection)
            visitor = await self._recognise(connection)
        except AimassError:
            visitor = visitor_of(connection)
        if visitor.who is None or self._sockets.is_full(visitor.who):
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        scope["state"][STATE] = visitor
        scope["headers"] = [*scope["headers"], *headers_of(visitor.who)]
        login = Login(visitor.token, visitor.who)

        async def close() -> None:
            await send({"type": "websocket.close", "code": SESSION_ENDED})

        self._sockets.add(login, close)
        try:
            await self._app(scope, receive, send)
        finally:
            self._sockets.remove(login, close)

    async def _fail(
        self, connection: HTTPConnection, receive: Receive, send: _Seal, answer: Callable[[], Response]
    ) -> None:
        if not send.started:  # half an answer cannot be taken back; the server cuts the line
            await answer()(connection.scope, receive, send)


class _Seal:
    """Sends on, with the security headers and the request's number on every answer."""

    def __init__(self, send: Send, path: str, visitor: Visitor) -> None:
        self._send = send
        self._path = path
        self._visitor = visitor
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            kept = self._path.startswith(KEPT_PREFIXES) and message["status"] in {200, 206, 304}
            secure(headers, self._visitor.box.serve, kept=kept)
            headers["X-Request-Id"] = self._visitor.request_id
        await self._send(message)


def is_public(path: str) -> bool:
    """Tell whether anyone may ask for this path."""
    return path in PUBLIC_PATHS or path.startswith(PUBLIC_PREFIXES)


def check_same_origin(connection: HTTPConnection) -> None:
    """Pass only what our own pages sent: no other site may use a visitor's cookie.   Raises: Forbidden.

    The browser says it in `Sec-Fetch-Site` or in `Origin`; a request with neither is no browser's form or socket.
    """
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    authority = origin.partition("://")[2] if origin else ""
    is_own = authority != "" and authority == connection.headers.get("host")
    if (site is not None and site not in {"same-origin", "none"}) or not (is_own or (site and not origin)):
        raise Forbidden(
            words("This request came from another site."), remedy=words("Use the portal's own pages.")
        )


def _known(visitor: Visitor, who: Person, via: Via, token: str) -> Visitor:
    return replace(visitor, who=who, via=via, token=token)


def _too_often(wait_s: float) -> TooManyAttempts:
    return TooManyAttempts(
        words("Too many requests in too short a time."),
        remedy=words("Wait a little, then try again."),
        retry_after_s=max(1, round(wait_s)),
    )
