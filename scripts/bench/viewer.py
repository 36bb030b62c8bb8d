"""An open tab of the portal without a browser: it speaks Streamlit's websocket protocol and keeps the time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

_MESSAGE_BYTES = 64 << 20
#: A page that leaves for another, or draws itself again, goes on after this.
_GOES_ON = ForwardMsg.FINISHED_EARLY_FOR_RERUN


@dataclass
class Drawn:
    """What one run of a page brought.   fragments: id → seconds between its own reruns.   faults: errors it shows."""

    seconds: float
    bytes: int = 0
    elements: int = 0
    fragments: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Viewer:
    """One tab; an async context manager. It asks for one thing at a time, and takes in all that the server says."""

    def __init__(self, port: int, cookies: Mapping[str, str]) -> None:
        self._port = port
        self._cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self._line: ClientConnection | None = None
        self._pages: dict[str, str] = {}
        self._here = ("", "")

    async def __aenter__(self) -> Self:
        self._line = await connect(
            f"ws://127.0.0.1:{self._port}/_stcore/stream",
            additional_headers={"Cookie": self._cookie},
            origin=f"http://127.0.0.1:{self._port}",  # type: ignore[arg-type]
            subprotocols=[Subprotocol("streamlit")],
            max_size=_MESSAGE_BYTES,
            compression=None,
            proxy=None,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._line is not None:
            await self._line.close()

    async def visit(self, page: str, query: str = "") -> Drawn:
        """Go to a page, as a click on a link or a fresh address does.   Raises: AssertionError if it shows an error."""
        self._here = (page, query)
        drawn = await self._ask({})
        assert not drawn.faults, f"{page}?{query}: {drawn.faults}"
        return drawn

    async def refresh(self, fragment: str) -> Drawn:
        """Draw a live part again, as its timer does."""
        drawn = await self._ask({"fragment_id": fragment, "is_auto_rerun": True})
        assert not drawn.faults, drawn.faults
        return drawn

    async def _ask(self, more: Mapping[str, Any]) -> Drawn:
        assert self._line is not None
        page, query = self._here
        asked = BackMsg()
        state = asked.rerun_script
        state.query_string = query
        state.page_script_hash = self._pages.get(page, "")
        state.page_name = "" if page == "home" or page in self._pages else page
        state.context_info.timezone = "Europe/Berlin"
        state.context_info.locale = "en-GB"
        state.context_info.url = f"http://127.0.0.1:{self._port}/{'' if page == 'home' else page}"
        for name, value in more.items():
            setattr(state, name, value)
        began = time.perf_counter()
        await self._line.send(asked.SerializeToString())
        drawn = Drawn(seconds=0.0)
        while not self._take(await self._line.recv(), drawn):
            pass
        drawn.seconds = time.perf_counter() - began
        return drawn

    def _take(self, message: str | bytes, drawn: Drawn) -> bool:
        """Take in one message; True when it ends the run."""
        assert isinstance(message, bytes)
        said = ForwardMsg.FromString(message)
        drawn.bytes += len(message)
        kind = said.WhichOneof("type")
        if kind == "navigation":
            self._pages = {
                row.url_pathname or "home": row.page_script_hash for row in said.navigation.app_pages
            }
        elif kind == "auto_rerun":
            drawn.fragments[said.auto_rerun.fragment_id] = said.auto_rerun.interval
        elif kind == "delta":
            drawn.elements += 1
            element = said.delta.new_element
            if element.WhichOneof("type") == "exception":
                drawn.faults.append(element.exception.message)
            elif element.WhichOneof("type") == "alert" and element.alert.format == Alert.ERROR:
                drawn.faults.append(element.alert.body)
        return kind == "script_finished" and said.script_finished != _GOES_ON
