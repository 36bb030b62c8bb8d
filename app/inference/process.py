"""The plane as a process: it claims its folder, listens, follows the folder, and ends in good order."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from app.inference.gate import Gate, on_fault, on_http_error, on_refused
from app.inference.oip import oip_routes
from app.inference.plane import Plane, describe_process
from app.inference.protocol import PlaneProtocol
from app.inference.rows import service_routes
from app.settings import read_settings
from app.version import aimass_version
from engine.errors import AimassError, WorkFailed
from engine.files import write_bytes
from engine.words import words

LOCK_FILE = ".lock"
PROCESS_FILE = ".plane.json"
#: sysexits.h's EX_CANTCREAT, as everywhere in AI Mass for a folder that another process owns.
FOLDER_TAKEN = 73
#: What is in work may take so long to finish after a signal; container engines kill after ten seconds.
GRACE_SECONDS = 5
#: Open files, for as many connections as the protocol lets in; the usual 1,024 would be too few.
MOST_FILES = 8192


class FolderTaken(WorkFailed):
    """Another plane serves this folder."""

    exit_code = FOLDER_TAKEN


def build_app(plane: Plane) -> Starlette:
    """Return the ASGI application of a plane, which follows its folder while the application runs."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        beside = (plane.poll, plane.follow_keys, plane.write_counters)
        tasks = [asyncio.create_task(plane.keep(work)) for work in beside]
        yield
        plane.is_closing = True
        for task in tasks:
            task.cancel()
        plane.runner.close()
        await plane.in_thread(plane.counters.write)

    app = Starlette(
        routes=[*oip_routes(plane), *service_routes(plane)],
        middleware=[Middleware(Gate, plane=plane)],
        exception_handlers={AimassError: on_refused, HTTPException: on_http_error, Exception: on_fault},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


def serve(root: Path, host: str, port: int, environment: Mapping[str, str]) -> int:
    """Serve the data folder `root` until SIGTERM or SIGINT and return 0.

    port: 0 takes any free one; `services/.plane.json` names it.
    Raises: FolderTaken (exit code 73) when another plane serves the folder; WorkFailed when the port is taken;
        BadCommand for a setting that cannot be.
    """
    settings = read_settings(environment)
    os.umask(0o077)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, MOST_FILES) if hard > 0 else MOST_FILES, hard))
    folder = root / "services"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with claim(folder), contextlib.closing(listen(host, port)) as listener:
        # An earlier plane that was killed left its card, and its number may be another process's by now.
        (folder / PROCESS_FILE).unlink(missing_ok=True)
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
        plane = Plane.of(folder, settings, aimass_version())
        server = PlaneServer(plane, build_app(plane), listener)
        # uvicorn raises the signal again once it has closed; that must not end the process with its number.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        server.run(sockets=[listener])
    return 0


class PlaneServer(uvicorn.Server):
    """uvicorn with the plane's protocol, that says where it listens."""

    def __init__(self, plane: Plane, app: Starlette, listener: socket.socket) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=PlaneProtocol,
                ws="none",
                loop="asyncio",
                lifespan="on",
                log_config=None,
                log_level=logging.WARNING,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._plane = plane
        self._listener = listener

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell others where."""
        await super().startup(sockets)
        host, port = self._listener.getsockname()[:2]
        at = datetime.now(UTC).isoformat(timespec="seconds")
        write_bytes(self._plane.folder / PROCESS_FILE, describe_process(self._plane.version, host, port, at))
        shown = f"[{host}]" if ":" in host else host
        with contextlib.suppress(OSError):  # whoever started this may be gone
            sys.stdout.write(f"Inference plane {self._plane.version} answers at http://{shown}:{port}\n")
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nothing new, finish what is in work, and leave no word of a living plane."""
        self._plane.is_closing = True
        await super().shutdown(sockets)
        (self._plane.folder / PROCESS_FILE).unlink(missing_ok=True)


@contextlib.contextmanager
def claim(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; it frees itself when the process dies.   Raises: FolderTaken."""
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderTaken(
                words("Another inference plane serves {folder!r}.", folder=str(folder)),
                remedy=words("Stop that process, or name another data folder."),
            ) from error
        yield
    finally:
        os.close(descriptor)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.   Raises: WorkFailed when the address cannot be had."""
    try:
        # With the protocol named, asyncio sets TCP_NODELAY on what it accepts; without, answers wait 40 ms.
        found: Sequence[tuple[int, int, int, str, tuple[object, ...]]] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _no_address(host, port, error) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise _no_address(host, port, error) from error
    return listener


def _no_address(host: str, port: int, error: OSError) -> WorkFailed:
    return WorkFailed(
        words(
            "The inference plane cannot listen on {host}:{port}: {why}.",
            host=host,
            port=port,
            why=(error.strerror or str(error)).lower(),
        ),
        remedy=words("Stop what uses the port, or choose another with --inference-port."),
    )
