"""The box's own console: a socket in the data folder, through which a command reaches the server that runs.

Only one process may open the database, so a command asks the one that has it. The folder is closed to others, and the
kernel says who is at the other end: nobody but the folder's owner is heard.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.usecases import console
from app.wiring import Appliance
from engine.errors import AimassError, WorkFailed
from engine.words import words
from store.folder import DataFolder

_NAME = ".console.sock"
_LONGEST = 64 << 10
_PATIENCE_S = 10.0
_MOST_AT_ONCE = 4
_log = logging.getLogger(__name__)


class ConsoleFailed(AimassError):
    """What the server answered to a command that it refused."""

    def __init__(self, message: str, *, remedy: str, exit_code: int = 1) -> None:
        super().__init__(message, remedy=remedy)
        self.exit_code = exit_code


class Console:
    """The server's side: a thread that listens, and one for each command under way."""

    def __init__(self, box: Appliance) -> None:
        self._box = box
        self._slots = threading.BoundedSemaphore(_MOST_AT_ONCE)
        self._socket: socket.socket | None = None

    def start(self) -> None:
        """Listen from now on.   Raises: OSError."""
        path = self._box.folder.root / _NAME
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with _short(path) as short:
            self._socket.bind(short)
        path.chmod(0o600)
        self._socket.listen(8)
        threading.Thread(
            target=self._listen, args=(self._socket,), name="aimass-console", daemon=True
        ).start()

    def close(self) -> None:
        """Listen no more; commands under way go on. A second call does nothing."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._socket = None
            (self._box.folder.root / _NAME).unlink(missing_ok=True)

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(peer,), name="aimass-command", daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with self._slots, peer, contextlib.suppress(OSError):
            peer.settimeout(_PATIENCE_S)
            if _user_of(peer) in {os.geteuid(), 0}:
                answer = self._answer(_read_line(peer))
                peer.settimeout(None)
                peer.sendall(json.dumps(answer).encode() + b"\n")

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(line)
            return {"answer": console.perform(self._box, str(asked["verb"]), asked["arguments"])}
        except AimassError as error:
            return {"error": error.message, "remedy": error.remedy, "exit_code": error.exit_code}
        except Exception:  # noqa: BLE001 - a command that fails never ends the server
            _log.exception("A command from the console failed.")
            return {
                "error": words("The server could not do it."),
                "remedy": words("Look into its log, then try again."),
                "exit_code": 1,
            }


def ask(folder: DataFolder, verb: str, arguments: Mapping[str, str]) -> Any:
    """Ask the server that owns the folder, and wait for its answer.   Raises: ConsoleFailed, WorkFailed."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer, _short(folder.root / _NAME) as short:
            peer.connect(short)
            peer.sendall(json.dumps({"verb": verb, "arguments": dict(arguments)}).encode() + b"\n")
            line = _read_line(peer)
        answer = json.loads(line)
    except (OSError, ValueError) as error:
        raise WorkFailed(
            words("The server of {folder!r} does not answer.", folder=str(folder.root)),
            remedy=words("Wait until it has started, or stop it, then try again."),
        ) from error
    if "error" in answer:
        raise ConsoleFailed(answer["error"], remedy=answer["remedy"], exit_code=int(answer["exit_code"]))
    return answer["answer"]


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """Give a socket's path in a short form: the kernel takes 107 bytes, and folders have longer names."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{path.name}"
    finally:
        os.close(descriptor)


def _user_of(peer: socket.socket) -> int:
    size = struct.calcsize("3i")
    _, user, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(user)


def _read_line(peer: socket.socket) -> bytes:
    parts = bytearray()
    while not parts.endswith(b"\n"):
        part = peer.recv(65_536)
        if not part or len(parts) > _LONGEST:
            break
        parts += part
    return bytes(parts)
