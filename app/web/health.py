"""Whether the server lives and can do its work; anyone may ask, so it tells no secrets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.web.visitor import visitor_of


@dataclass
class Readiness:
    """What stands in the way of work, by short codes; empty when all is well. Any thread may set or clear one."""

    _why: set[str] = field(default_factory=lambda: {"starting"})
    _checks: dict[str, Callable[[], bool]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, code: str, stands_in_the_way: bool) -> None:
        """Set or clear one reason: "starting", "stopping", "jobs", "inference", "database"."""
        with self._lock:
            (self._why.add if stands_in_the_way else self._why.discard)(code)

    def watch(self, code: str, stands_in_the_way: Callable[[], bool]) -> None:
        """Ask `stands_in_the_way` each time somebody wants to know."""
        with self._lock:
            self._checks[code] = stands_in_the_way

    @property
    def why(self) -> tuple[str, ...]:
        with self._lock:
            seen = {code for code, stands in self._checks.items() if stands()}
            return tuple(sorted(self._why | seen))


def health_routes(readiness: Readiness) -> list[Route]:
    """Return the route of `/healthz`: 200 when ready, 503 with the reasons when not."""

    async def healthz(request: Request) -> Response:
        readiness.say("database", visitor_of(request).box.db.broken is not None)
        why = readiness.why
        # Only the plane answers for models: without it the portal still works, so a balancer may keep sending people.
        ready = not set(why) - {"inference"}
        body = {"live": True, "ready": ready, "why": list(why)}
        return JSONResponse(body, 200 if ready else 503)

    return [Route("/healthz", healthz, methods=["GET"])]
