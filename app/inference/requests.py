"""One request for answers, from its bytes to its response: read, compute beside the event loop, count, compress."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.inference.body import check_encoding, compress, read_body
from app.inference.counters import Timing
from app.inference.gate import caller_of
from app.inference.plane import Plane
from app.inference.refused import Refused, refused_as
from engine.errors import AimassError
from engine.serving.session import Stop

#: Bodies of forms come from web pages of others, and no client of ours sends them (SECURITY E06), but for files.
_FORMS = ("application/x-www-form-urlencoded", "multipart/")
FILES = "multipart/form-data"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the work on a request gives.   rows: answered.   headers: of the response."""

    content: bytes
    rows: int
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Watch:
    """Splits the time of one request into reading, computing and writing."""

    def __init__(self) -> None:
        self.start = time.perf_counter_ns()
        self._marks: list[int] = []
        self.deadline_us = 0

    def mark(self) -> None:
        """End one part and begin the next."""
        self._marks.append(time.perf_counter_ns())

    @property
    def timing(self) -> Timing:
        times = [self.start, *self._marks, time.perf_counter_ns()]
        parts = [after - before for before, after in pairwise(times)]
        read, infer, write = (*parts, 0, 0, 0)[:3]
        return Timing(total=times[-1] - self.start, read=read, infer=infer, write=write)


Work = Callable[[bytearray, str, Watch, Stop], Answer]


async def answer_request(
    plane: Plane, request: Request, service: str, version: str, work: Work, *, takes_files: bool = False
) -> Response:
    """Return the response that `work(body, content encoding, watch, stop)` makes in a thread of the runner.

    takes_files: `work` reads forms of files too.   Every request is counted, those without an answer by their reason.
    """
    watch, key = Watch(), caller_of(request).id
    counters = plane.counters.of(service)
    try:
        answer = await _computed(plane, request, watch, work, takes_files=takes_files)
    except AimassError as error:
        refused = refused_as(error)
        _count_failure(plane, service, refused.code, watch, key)
        raise
    except Exception:
        _count_failure(plane, service, "internal", watch, key)
        raise
    timing = watch.timing
    counters.answered(rows=answer.rows, timing=timing, key=key, version=version, now=plane.counters.clock())
    content, encoding = compress(answer.content, request.headers.get("accept-encoding", ""))
    headers = answer.headers | ({"Content-Encoding": encoding} if encoding else {})
    return Response(content, media_type=answer.media_type, headers=headers)


async def _computed(plane: Plane, request: Request, watch: Watch, work: Work, *, takes_files: bool) -> Answer:
    if plane.is_closing:
        raise Refused(
            "The server is closing.",
            status=503,
            code="closing",
            remedy="Try again in a few seconds.",
            headers={"Retry-After": "5", "Connection": "close"},
        )
    media = request.headers.get("content-type", "").lower()
    if media.startswith(_FORMS) and not (takes_files and media.startswith(FILES)):
        raise Refused(
            f"The content type {media[:80]!r} is not understood.",
            status=415,
            code="unsupported_type",
            remedy="Send `Content-Type: application/json`.",
            headers={"Connection": "close"},
        )
    encoding = check_encoding(request.headers.get("content-encoding", ""))
    async with read_body(request, plane.budget) as body:

        def compute(stop: Stop) -> Answer:
            return work(body, encoding, watch, stop)

        return await plane.runner.run(
            compute, deadline_s=plane.settings.answer_seconds, size=len(body), gone=lambda: _gone(request)
        )


async def _gone(request: Request) -> Any:
    """Return when the client has left; its body has been read to the end."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _count_failure(plane: Plane, service: str, reason: str, watch: Watch, key: str) -> None:
    counters = plane.counters.of(service)
    counters.failed(reason, ns=watch.timing.total, key=key, now=plane.counters.clock())
