"""The control process: portal, control API, uploads and scheduler on one port, and the inference plane beside it.

`aimass serve` becomes this process; there is nothing above it. SIGTERM and Ctrl-C stop it and the inference plane and
leave trainings running; SIGHUP starts it anew in place and touches neither.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

import streamlit
import uvicorn
from starlette.routing import Mount

from app import wiring
from app.api.build import build_api
from app.console import Console
from app.jobs.scheduler import Chore, Scheduler
from app.logs import keep_log
from app.plane import Plane, PlaneAddress
from app.ports import listen
from app.serve_errors import folder_taken, refuse_bad_ground
from app.serve_options import add_serve_options
from app.settings import read_serve_settings, read_settings
from app.usecases import accounts, expiry, service_files, uploads
from app.version import aimass_version
from app.web.assets import asset_routes
from app.web.downloads import download_routes
from app.web.health import Readiness, health_routes
from app.web.housekeeping import keep_tidy, warm_up
from app.web.pictures import picture_routes
from app.web.portal import build_portal, load_options
from app.web.protocol import PortalProtocol
from app.web.sign_in import sign_in_routes
from app.web.sockets import LiveSockets
from app.web.uploads import upload_routes
from app.wiring import Appliance
from engine.errors import AimassError
from store.folder import DataFolder, FolderClaim, FolderOwned

log = logging.getLogger(__name__)

_SOCKET_BYTES = 32 << 20
_HEADER_BYTES = 32 << 10
_GRACE_SECONDS = 5


def main() -> int:
    """Serve until told to stop, and return the exit code; what keeps it from starting is one sentence and a remedy."""
    parser = argparse.ArgumentParser(prog="aimass serve")
    add_serve_options(parser)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop_starting)
    folder = Path.cwd()
    try:
        again = serve(options)
    except AimassError as error:
        _say(f"aimass: {error.message}\n        {error.remedy}")
        return error.exit_code
    except KeyboardInterrupt:
        return 0
    if again:
        log.info("Starting again in place.")
        os.chdir(folder)
        os.execv(sys.executable, [sys.executable, "-P", "-m", "app.server", *sys.argv[1:]])
    return 0


def serve(options: argparse.Namespace) -> bool:
    """Serve one life and return whether to start again in place.   Raises: AimassError when it cannot start."""
    settings = read_settings(os.environ)
    served = read_serve_settings(
        os.environ, host=options.host, port=options.port, inference_port=options.inference_port
    )
    folder = DataFolder(Path(options.data_dir).resolve())
    refuse_bad_ground(folder, allow_network=options.allow_network_fs)
    try:
        claim = FolderClaim(folder)
    except FolderOwned as error:
        raise folder_taken(error) from error
    with claim, listen(served.host, served.port) as listener:
        load_options()
        keep_log(folder.logs)
        box = wiring.build(folder, settings, served)
        wiring.use(box)
        try:
            return _live(box, listener)
        finally:
            wiring.use(None)
            box.db.close()


def build_app(box: Appliance, readiness: Readiness) -> streamlit.App:
    """Return the whole ASGI app of the portal's port.   readiness: what `/healthz` says."""
    sockets = LiveSockets()
    routes = [
        *health_routes(readiness),
        *sign_in_routes(sockets),
        *upload_routes(),
        *download_routes(),
        *picture_routes(),
        *asset_routes(),
        Mount("/api", build_api()),
    ]

    @asynccontextmanager
    async def lifespan(app: streamlit.App) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(sockets.keep_sweeping(lambda token: accounts.person_of_session(box, token))),
            asyncio.create_task(keep_tidy(app)),
            asyncio.create_task(warm_up()),
            asyncio.create_task(_restart_when_broken(box)),
        ]
        readiness.say("starting", False)
        yield
        for task in tasks:
            task.cancel()

    return build_portal(box, sockets, routes, lifespan)


async def _restart_when_broken(box: Appliance) -> None:
    """Start anew when the database engine gave up: only a new process can open the file again (RELIABILITY, fact 7)."""
    while box.db.broken is None:
        await asyncio.sleep(1.0)
    log.critical("The database engine gave up; the server starts again.")
    os.kill(os.getpid(), signal.SIGHUP)


def _live(box: Appliance, listener: socket.socket) -> bool:
    readiness = Readiness()
    plane = Plane(
        box.folder,
        PlaneAddress(host=box.serve.host, port=box.serve.inference_port, version=box.version),
        on_change=lambda up: readiness.say("inference", not up),
    )
    readiness.say("inference", True)
    scheduler = Scheduler(box.jobs.tick, _chores(box))
    service_files.mirror_keys(box)  # before the first page asks the plane: it must know this start's key
    plane.open()
    console = Console(box)
    again = False
    try:
        console.start()
        box.jobs.adopt()
        scheduler.start()
        readiness.watch("jobs", lambda: not scheduler.healthy())
        server = Server(box, build_app(box, readiness), readiness)
        _welcome(box)
        server.run(sockets=[listener])
        again = server.restart
    finally:
        console.close()
        scheduler.close()
        box.jobs.close()
        plane.close(leave=again)
        if not again:
            _farewell(box)
    return again


def _chores(box: Appliance) -> tuple[Chore, ...]:
    return (
        Chore(name="keys", every_s=2.0, work=lambda: service_files.mirror_keys(box)),
        Chore(name="services", every_s=30.0, work=lambda: service_files.mirror(box)),
        Chore(name="clock", every_s=60.0, work=lambda: accounts.follow_clock(box)),
        Chore(name="accounts", every_s=3600.0, work=lambda: accounts.sweep(box)),
        Chore(name="expiry", every_s=3600.0, work=lambda: expiry.sweep(box)),
        Chore(name="uploads", every_s=3600.0, work=lambda: uploads.forget_stale(box)),
    )


class Server(uvicorn.Server):
    """Uvicorn with our signals: a clean end is no failure, and SIGHUP asks for a new start."""

    def __init__(self, box: Appliance, app: streamlit.App, readiness: Readiness) -> None:
        proxies = box.serve.trusted_proxies
        super().__init__(
            uvicorn.Config(
                app,
                http=PortalProtocol,
                ws="websockets-sansio",
                ws_max_size=_SOCKET_BYTES,
                ws_ping_interval=20,
                ws_ping_timeout=60,
                h11_max_incomplete_event_size=_HEADER_BYTES,
                proxy_headers=bool(proxies),
                forwarded_allow_ips=list(proxies),
                access_log=False,
                log_config=None,
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        self.restart = False
        self._readiness = readiness

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._readiness.say("stopping", True)
        if self.should_exit and number == signal.SIGINT:
            os._exit(130)  # asked twice: at once, as after kill -9, which everything here survives
        self.restart = number == signal.SIGHUP
        self.should_exit = True


def _stop_starting(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _welcome(box: Appliance) -> None:
    _say(f"AI Mass {aimass_version()} serves {box.folder.root}")
    _say(f"  portal     {box.serve.address}")
    token = accounts.setup_token(box)
    if token:
        _say(f"  set it up  {box.serve.address}/setup/{token}   (this link works once)")
    _say("  Stop it with Ctrl-C.")


def _farewell(box: Appliance) -> None:
    _say("AI Mass has stopped; what was training goes on. Start it again to follow it.")


def _say(text: str) -> None:
    # The terminal may be gone: its end is a SIGHUP, and the start anew that this asks for must not fail by it.
    with suppress(OSError, ValueError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
