"""Read a request's body within limits, uncompress it within limits, and compress an answer when asked."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request

from app.inference.refused import Refused, too_large

MOST_BYTES = 64 << 20
#: Of all requests together: what many large bodies may hold of the machine's memory at once.
MOST_BYTES_TOGETHER = 4 * MOST_BYTES
#: A sender that pauses longer is gone or means harm; nor may a body of any size take longer than BODY_SECONDS.
PAUSE_SECONDS = 10.0
BODY_SECONDS = 120.0
#: Smaller answers are sent as they are: compressing costs more than it saves.
LEAST_COMPRESSED = 1024
_STEP = 1 << 20


@dataclass
class Budget:
    """Bytes of bodies in memory, over all requests."""

    held: int = 0

    def take(self, count: int) -> None:
        """Count `count` bytes more.   Raises: Refused (503) when that would be too many."""
        if self.held + count > MOST_BYTES_TOGETHER:
            raise Refused(
                "The server holds too many large requests at once.",
                status=503,
                code="overloaded",
                remedy="Try again in a second.",
                headers={"Retry-After": "1", "Connection": "close"},
            )
        self.held += count


@asynccontextmanager
async def read_body(request: Request, budget: Budget) -> AsyncIterator[bytearray]:
    """Yield the body as sent, counted in `budget` until the caller is done with it.

    Raises: Refused: 413 for more than MOST_BYTES, 408 when it comes too slowly, 503 when memory is short,
        400 when the sender leaves.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > MOST_BYTES:
        raise _too_many()
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            stream = request.stream()
            while chunk := await asyncio.wait_for(_next(stream), PAUSE_SECONDS):
                if len(body) + len(chunk) > MOST_BYTES:
                    raise _too_many()
                budget.take(len(chunk))
                body += chunk
        yield body
    except TimeoutError as error:
        raise Refused(
            "The request's body came too slowly.",
            status=408,
            code="too_slow",
            remedy="Send it again.",
            headers={"Connection": "close"},
        ) from error
    except ClientDisconnect as error:
        raise Refused("The sender left.", code="cancelled", remedy="Send it again.") from error
    finally:
        budget.held -= len(body)


async def _next(stream: AsyncIterator[bytes]) -> bytes:
    """Return the next chunk that is not empty; b"" at the end."""
    async for chunk in stream:
        if chunk:
            return chunk
    return b""


def check_encoding(encoding: str) -> str:
    """Return a Content-Encoding that is understood: "", "gzip" or "deflate".   Raises: Refused (415)."""
    name = encoding.strip().lower()
    if name in ("", "identity", "gzip", "deflate"):
        return name.removeprefix("identity")
    raise Refused(
        f"The content encoding {name[:50]!r} is not understood. Expected gzip or deflate.",
        status=415,
        code="unsupported_encoding",
        remedy="Send the body plain, or as gzip or deflate.",
        headers={"Accept-Encoding": "gzip, deflate"},
    )


def uncompress(body: bytes | bytearray, encoding: str) -> bytes | bytearray:
    """Return the body without its `encoding`, as `check_encoding` returns it.

    Raises: Refused: 413 when it grows beyond MOST_BYTES, 400 when it is broken.
    """
    if not encoding:
        return body
    # "deflate" is zlib's format (RFC 9110); some clients send the bare stream.
    is_zlib = (
        encoding == "deflate" and len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    )
    reader = zlib.decompressobj(31 if encoding == "gzip" else 15 if is_zlib else -15)
    plain = bytearray()
    rest: bytes | bytearray = body
    try:
        while rest and not reader.eof:
            plain += reader.decompress(rest, _STEP)
            if len(plain) > MOST_BYTES:
                raise _too_many()
            rest = reader.unconsumed_tail
        plain += reader.flush()
    except zlib.error as error:
        raise _broken(encoding) from error
    if not reader.eof or reader.unused_data:
        raise _broken(encoding)
    return plain


def compress(content: bytes, accepted: str) -> tuple[bytes, str]:
    """Return an answer and its Content-Encoding: what the client's Accept-Encoding asks for, or "" for none."""
    offers = {part.split(";")[0].strip().lower(): part for part in accepted.split(",")}
    wanted = [
        name
        for name in ("gzip", "deflate")
        if name in offers and "q=0" not in offers[name].replace("q=0.", "")
    ]
    if not wanted or len(content) < LEAST_COMPRESSED:
        return content, ""
    if wanted[0] == "gzip":
        return gzip.compress(content, compresslevel=1, mtime=0), "gzip"
    return zlib.compress(content, level=1), "deflate"


def _too_many() -> Refused:
    return too_large(
        f"The body is too large. Expected at most {MOST_BYTES >> 20} MiB, also when uncompressed."
    )


def _broken(encoding: str) -> Refused:
    return Refused(f"The body is no whole {encoding} stream.", code="bad_encoding", remedy="Send it again.")
