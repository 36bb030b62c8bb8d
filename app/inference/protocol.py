"""HTTP/1.1 on a socket as uvicorn speaks it, with bounds on headers, chunks and idle strangers, and errors in JSON."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

#: A request's line and headers together; h11 counts them as one event.
MOST_HEADER_BYTES = 16 << 10
HEADER_SECONDS = 10.0
#: Triton's cap: a body in crumbs costs more than it carries.
MOST_CHUNKS = 65_536
MOST_CONNECTIONS = 1024
_CONTENT_TOO_LARGE = 413
_HEADER_TOO_LARGE = 431


class CountingConnection(h11.Connection):
    """h11's connection that counts the chunks of a body and remembers which status an error hints at."""

    chunks = 0
    hint = 400

    def next_event(self) -> Any:
        """Return the next event.   Raises: h11.RemoteProtocolError."""
        try:
            event = super().next_event()
        except h11.RemoteProtocolError as error:
            self.hint = error.error_status_hint
            raise
        if isinstance(event, h11.Request):
            self.chunks = 0
            # h11 refuses only a header that is incomplete; one that came whole in one read can be larger.
            size = len(event.target) + sum(len(name) + len(value) + 4 for name, value in event.headers)
            if size > MOST_HEADER_BYTES:
                self.hint = _HEADER_TOO_LARGE
                raise h11.RemoteProtocolError("header too large", error_status_hint=_HEADER_TOO_LARGE)
        elif isinstance(event, h11.Data) and event.chunk_start:
            self.chunks += 1
            if self.chunks > MOST_CHUNKS:
                self.hint = _CONTENT_TOO_LARGE
                raise h11.RemoteProtocolError("too many chunks", error_status_hint=_CONTENT_TOO_LARGE)
        return event


class PlaneProtocol(H11Protocol):
    """One connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = CountingConnection(h11.SERVER, MOST_HEADER_BYTES)
        self._header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(503, "Too many connections.", "overloaded")
            return
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass bytes on, and watch that a begun header ends in time."""
        super().data_received(data)
        if self.transport.is_closing():
            self._disarm()
        elif self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            if self._header_timer is None:
                self._arm()
        else:
            self._disarm()

    def _arm(self) -> None:
        self._header_timer = self.loop.call_later(HEADER_SECONDS, self._too_slow)

    def _disarm(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _too_slow(self) -> None:
        self._header_timer = None
        if not self.transport.is_closing():
            self._refuse(408, "The request's header came too slowly.", "too_slow")

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, in JSON, and close."""
        status = self.conn.hint if isinstance(self.conn, CountingConnection) else 400
        message = (
            "The body has too many chunks."
            if status == _CONTENT_TOO_LARGE
            else "The request is no valid HTTP."
        )
        code = "too_large" if status in (_CONTENT_TOO_LARGE, _HEADER_TOO_LARGE) else "bad_http"
        self._refuse(status, message, code)

    def _refuse(self, status: int, message: str, code: str) -> None:
        body = json.dumps({"error": message, "code": code, "request_id": secrets.token_hex(8)}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            parts = [
                self.conn.send(h11.Response(status_code=status, headers=headers)),
                self.conn.send(h11.Data(data=body)),
                self.conn.send(h11.EndOfMessage()),
            ]
            self.transport.write(b"".join(part for part in parts if part))
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()
