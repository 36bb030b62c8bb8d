"""Python imports this by itself from PYTHONPATH: every name a process asks for and every address it connects to.

They are added as lines to the file that AIMASS_WATCH names. What native code does by itself is not seen here;
`tests/journeys/alone.py` sees that.
"""

from __future__ import annotations

import os
import socket
import sys

_FILE = os.environ.get("AIMASS_WATCH", "")
_CALLS = frozenset(
    {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}
)


def _write(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _CALLS:
        return
    first = arguments[0]
    if isinstance(first, socket.socket):
        if first.family not in (socket.AF_INET, socket.AF_INET6):
            return
        place = arguments[1]
        host = place[0] if isinstance(place, tuple) else place
    else:
        host = first
    if isinstance(host, str | bytes):
        told = host.decode("latin-1") if isinstance(host, bytes) else host
        # One short line at a time, so that lines of several processes do not mix.
        with open(_FILE, "a", encoding="utf-8") as file:
            file.write(f"{told}\t{event}\t{os.getpid()}\t{sys.argv[:4]}\n")


if _FILE:
    sys.addaudithook(_write)
