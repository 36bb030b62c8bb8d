"""Take a port before anything else is done, or say who has it."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from pathlib import Path

from engine.errors import BadCommand
from engine.words import words

_BACKLOG = 2048
_LISTENING = "0A"


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.   Raises: BadCommand when the port is taken, not allowed, or the host is not ours.

    The protocol is named: asyncio turns Nagle's delay off only for sockets that say they are TCP, and a small answer
    takes 45 ms with it and 1 ms without (PORTAL §0, fact 2).
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise _no_such_host(host) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _refusal(host, port, error) from error
    return listener


def user_of(port: int) -> str:
    """Return who listens on a port, as `name (process 123)`; "" when that cannot be seen."""
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for entry in Path("/proc").iterdir() if inodes else ():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if any(os.readlink(handle) in inodes for handle in (entry / "fd").iterdir()):
                    name = (entry / "comm").read_text(encoding="utf-8", errors="replace").strip()
                    return f"{name} (process {entry.name})"
    return ""


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(fields[9])
    return found


def _refusal(host: str, port: int, error: OSError) -> BadCommand:
    if error.errno == errno.EADDRINUSE:
        user = user_of(port)
        return BadCommand(
            words("Port {port} is in use by {user}.", port=port, user=user or "another process"),
            remedy=words("Stop it, or name another port with --port or --inference-port."),
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return BadCommand(
            words("Port {port} is only for the system's administrator.", port=port),
            remedy=words("Name a port of 1024 or more with --port or --inference-port."),
        )
    return _no_such_host(host)


def _no_such_host(host: str) -> BadCommand:
    return BadCommand(
        words("This machine has no address {host!r} to listen on.", host=host),
        remedy=words(
            "Name one of its own addresses with --host, such as 127.0.0.1, or 0.0.0.0 for all of them."
        ),
    )
