"""The portal's side of a line: a request's header has ten seconds, and lines are not endless in number."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 10.0
MOST_LINES = 4_000


class PortalProtocol(H11Protocol):
    """One connection that is cut when its first, or next begun, request does not arrive in time (RELIABILITY F72)."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a header, or hang up when too many wait already."""
        super().connection_made(transport)
        if len(self.connections) > MOST_LINES:
            transport.abort()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Hand bytes on; while they are the beginning of a header, the clock runs."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE or not self.conn.trailing_data[0]:
            self._rest()
        elif self._patience is None:
            self._wait()

    def _wait(self) -> None:
        self._patience = self.loop.call_later(HEADER_SECONDS, self._hang_up)

    def _rest(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _hang_up(self) -> None:
        self._patience = None
        if self.transport is not None and not self.transport.is_closing():
            self.transport.abort()
