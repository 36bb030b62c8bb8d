"""The Streamlit app: the options it must run with, its routes beside ours, and our marks on its page."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from app.web.answers import wants_page
from app.web.gate import Gate
from app.web.identity import IDENTITY_HEADERS
from app.web.sockets import LiveSockets
from app.web.visitor import visitor_of
from app.wiring import Appliance
from engine.errors import WorkFailed
from engine.words import words

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "app" / "main.py"

#: What .streamlit/config.toml must have brought into force: a wrong one leaks, phones home or stalls (PORTAL §0, §9).
PROMISED_OPTIONS: dict[str, Any] = {
    "browser.gatherUsageStats": False,
    "client.allowedOrigins": [],
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "global.developmentMode": False,
    "runner.magicEnabled": False,
    "runner.postScriptGC": False,
    "server.enableAgentApi": False,
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.runOnSave": False,
    "server.trustedUserHeaders": dict(IDENTITY_HEADERS),
}

#: Chinese letters for machines that have none: a browser fetches a slice only when no font of its own has the letter.
_HEAD = (
    b'<link rel="stylesheet" href="/assets/vendor/noto-sans-sc/index.css">'
    b'<script src="/assets/guard.js"></script></head>'
)


def load_options() -> None:
    """Read Streamlit's options from our own folder, and believe only what is in force then.

    Streamlit looks in the working directory and in the user's home, and ignores STREAMLIT_* here (SECURITY fact 1).
    Raises: WorkFailed naming the options that differ.
    """
    os.chdir(ROOT)
    config.get_config_options(force_reparse=True)
    wrong = [name for name, value in PROMISED_OPTIONS.items() if config.get_option(name) != value]
    if wrong:
        raise WorkFailed(
            words("The portal's options are not as they must be: {names}.", names=", ".join(sorted(wrong))),
            remedy=words("Put back .streamlit/config.toml as it was installed."),
        )


def build_portal(
    box: Appliance,
    sockets: LiveSockets,
    routes: Sequence[BaseRoute],
    lifespan: Callable[[streamlit.App], AbstractAsyncContextManager[None]],
) -> streamlit.App:
    """Return the whole ASGI app: the gate, our routes, then Streamlit's.   lifespan: runs inside Streamlit's own."""

    @asynccontextmanager
    async def living(app: streamlit.App) -> AsyncIterator[dict[str, Any]]:
        async with lifespan(app):
            # What is loaded by now stays for good: later collections need not look at it (PORTAL §0, fact 3).
            gc.collect()
            gc.freeze()
            try:
                yield {}
            finally:
                gc.unfreeze()  # at the end libraries want to see their objects go

    return streamlit.App(
        SCRIPT,
        routes=routes,
        middleware=[Middleware(Gate, box=box, sockets=sockets), Middleware(Marked)],
        lifespan=living,
    )


class Marked:
    """ASGI middleware that puts our title, language and guard script into Streamlit's index.html."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and wants_page(HTTPConnection(scope)):
            language = visitor_of(HTTPConnection(scope)).language.html_language
            # Compressed or partial bytes could not be edited.
            hidden = {b"accept-encoding", b"range", b"if-none-match", b"if-modified-since"}
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name not in hidden]
            send = _Marker(send, language)
        await self._app(scope, receive, send)


class _Marker:
    """Holds an HTML page of Streamlit's back until it is whole, then sends it with our marks."""

    def __init__(self, send: Send, language: str) -> None:
        self._send = send
        self._language = language.encode()
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_streamlit_page(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        page = bytes(self._body)
        page = page.replace(b"<title>Streamlit</title>", b"<title>AI Mass</title>", 1)
        page = page.replace(b'<html lang="en">', b'<html lang="%s">' % self._language, 1)
        page = page.replace(b"</head>", _HEAD, 1)
        headers = MutableHeaders(raw=start["headers"])
        headers["content-length"] = str(len(page))
        for name in ("etag", "last-modified", "accept-ranges"):
            del headers[name]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": page})


def _is_streamlit_page(message: Message) -> bool:
    """Tell Streamlit's page from our own, which bring their policy along."""
    headers = MutableHeaders(raw=message.setdefault("headers", []))
    is_html = headers.get("content-type", "").startswith("text/html")
    return message["status"] == 200 and is_html and "content-security-policy" not in headers
