"""Resumable uploads straight to disk: tus 1.0.0, core, creation and termination.

The offset of record is the size of the file on disk, so a broken line, a reload or a kill of the server loses nothing
that was acknowledged, and a client goes on where the disk is. Nothing larger than one slice is held in memory.
"""

from __future__ import annotations

import base64
import binascii
import errno
import os
import threading
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from app.usecases import uploads
from app.usecases.refusals import Conflict, Refusal, TooLarge
from app.web.answers import refuse
from app.web.visitor import visitor_of
from engine.errors import AimassError
from engine.words import words
from store.uploads import Upload

VERSION = "1.0.0"
EXTENSIONS = "creation,termination"
_SLICE_BYTES = 1 << 20
_BODY_TYPE = "application/offset+octet-stream"
_LONGEST_METADATA = 8 << 10
_MOST_DIGITS = 19

Handler = Callable[[Request], Awaitable[Response]]


class WrongUpload(Refusal):
    """The request is not as the tus protocol has it."""

    status = 400
    code = "wrong_upload"


class WrongVersion(Refusal):
    """The client speaks another version of the protocol."""

    status = 412
    code = "wrong_version"


class WrongType(Refusal):
    """The body's type is not the protocol's."""

    status = 415
    code = "unsupported_type"


class InUse(Refusal):
    """Another request writes to this upload right now."""

    status = 423
    code = "in_use"


def upload_routes() -> list[Route]:
    """Return the routes of `/uploads`."""
    server = _Server()
    return [
        Route("/uploads", _spoken(server.options), methods=["OPTIONS"]),
        Route("/uploads", _spoken(server.create), methods=["POST"]),
        Route("/uploads/{upload_id}", _spoken(server.head), methods=["HEAD"]),
        Route("/uploads/{upload_id}", _spoken(server.patch), methods=["PATCH"]),
        Route("/uploads/{upload_id}", _spoken(server.delete), methods=["DELETE"]),
    ]


class _Server:
    def __init__(self) -> None:
        self._writing: set[str] = set()

    async def options(self, request: Request) -> Response:
        """Say what is spoken here, and how large a file may be."""
        most = str(visitor_of(request).box.serve.max_upload_bytes)
        return _reply(204, {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": most})

    async def create(self, request: Request) -> Response:
        """Announce a file: its size in `Upload-Length`, its name in `Upload-Metadata`."""
        visitor = visitor_of(request)
        size = _number(request, "upload-length")
        name = _file_name(request.headers.get("upload-metadata", ""))
        upload = await run_in_threadpool(uploads.begin, visitor.box, visitor.person, name, size)
        return _reply(201, {"Location": f"/uploads/{upload.id}", "Upload-Offset": "0"})

    async def head(self, request: Request) -> Response:
        """Say how much is here, to go on from."""
        upload, offset = await self._found(request)
        return _reply(200, {"Upload-Offset": str(offset), "Upload-Length": str(upload.bytes)})

    async def patch(self, request: Request) -> Response:
        """Append bytes from `Upload-Offset` on."""
        if request.headers.get("content-type") != _BODY_TYPE:
            raise WrongType(
                words("The body has the wrong type. Expected: {kind}.", kind=_BODY_TYPE),
                remedy=words("Send the file with a tus client."),
            )
        claimed = _number(request, "upload-offset")
        upload_id = request.path_params["upload_id"]
        if upload_id in self._writing:
            raise InUse(
                words("Another request is still writing to this upload."),
                remedy=words("Wait a moment, then ask for the offset and go on."),
            )
        self._writing.add(upload_id)
        try:
            upload, offset = await self._found(request)
            if claimed != offset:
                raise _wrong_offset(offset, claimed)
            offset = await append(request, upload, offset)
            if offset == upload.bytes and upload.finished_at is None:
                await run_in_threadpool(uploads.finish, visitor_of(request).box, upload)
        finally:
            self._writing.discard(upload_id)
        return _reply(204, {"Upload-Offset": str(offset)})

    async def delete(self, request: Request) -> Response:
        """Give an upload up."""
        visitor = visitor_of(request)
        await run_in_threadpool(
            uploads.discard, visitor.box, visitor.person, request.path_params["upload_id"]
        )
        return _reply(204, {})

    async def _found(self, request: Request) -> tuple[Upload, int]:
        visitor = visitor_of(request)
        box, upload_id = visitor.box, request.path_params["upload_id"]
        upload = await run_in_threadpool(uploads.find, box, visitor.person, upload_id)
        return upload, await run_in_threadpool(uploads.received, box, upload)


async def append(request: Request, upload: Upload, offset: int) -> int:
    """Write the body behind `offset` and return the new offset; what arrived before a broken line is kept.

    Raises: TooLarge for more than was announced; DiskFull.
    """
    if upload.finished_at is not None:
        return offset
    path = uploads.part_of(visitor_of(request).box.folder, upload)
    sink = await run_in_threadpool(_Sink, path)
    held, room = bytearray(), upload.bytes - offset
    try:
        async for chunk in request.stream():
            if len(held) + len(chunk) > room:
                held.clear()
                raise _too_much(upload)
            held += chunk
            if len(held) >= _SLICE_BYTES:
                # Taken out first: what a failing disk took half of is never written twice.
                content, held = bytes(held), bytearray()
                room -= len(content)
                await run_in_threadpool(sink.write, content)
    except ClientDisconnect:
        pass  # the line broke: the client asks for the offset and goes on from there
    finally:
        await run_in_threadpool(sink.close, bytes(held))
    return upload.bytes - room + len(held)


class _Sink:
    """A file that only grows. Its lock keeps slices in order even when a request is cancelled while one is written."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._lock = threading.Lock()

    def write(self, content: bytes) -> None:
        """Write all of `content`.   Raises: DiskFull."""
        view = memoryview(content)
        with self._lock:
            try:
                while view:
                    view = view[os.write(self._descriptor, view) :]
            except OSError as error:
                if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
                    raise uploads.disk_full() from error
                raise

    def close(self, rest: bytes) -> None:
        """Write the rest, flush it to the disk, and close.   Raises: DiskFull."""
        try:
            self.write(rest)
            os.fsync(self._descriptor)
        finally:
            with self._lock:
                os.close(self._descriptor)


def _spoken(handler: Handler) -> Handler:
    """Wrap a handler in the protocol: the version is checked, and every answer names it, refusals too."""

    @wraps(handler)
    async def wrapped(request: Request) -> Response:
        try:
            if request.method not in {"OPTIONS", "HEAD"} and request.headers.get("tus-resumable") != VERSION:
                raise WrongVersion(
                    words("The request speaks no tus {version}.", version=VERSION),
                    remedy=words("Send `Tus-Resumable: {version}`.", version=VERSION),
                )
            answer = await handler(request)
        except AimassError as error:
            answer = refuse(request, error)
            if isinstance(error, WrongVersion):
                answer.headers["Tus-Version"] = VERSION
        answer.headers["Tus-Resumable"] = VERSION
        return answer

    return wrapped


def _reply(status: int, headers: dict[str, str]) -> Response:
    return Response(status_code=status, headers=headers)


def _number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise WrongUpload(
            words("The header {header} is not a number of bytes.", header=header),
            remedy=words("Send the file with a tus client."),
        )
    return int(text)


def _file_name(metadata: str) -> str:
    """Return the file's name in `Upload-Metadata`: pairs of a key and a base64 value, separated by commas."""
    if len(metadata) > _LONGEST_METADATA:
        raise WrongUpload(
            words("The upload's metadata are too long."), remedy=words("Give the file a shorter name.")
        )
    for pair in metadata.split(","):
        key, _, value = pair.strip().partition(" ")
        if key == "filename":
            try:
                return base64.b64decode(value, validate=True).decode("utf-8")
            except (binascii.Error, UnicodeDecodeError) as error:
                raise WrongUpload(
                    words("The file's name cannot be read."), remedy=words("Give the file another name.")
                ) from error
    return ""


def _wrong_offset(offset: int, claimed: int) -> Conflict:
    return Conflict(
        words("The upload stands at {offset:,} bytes, not at {claimed:,}.", offset=offset, claimed=claimed),
        remedy=words("Ask for the offset and go on from there."),
    )


def _too_much(upload: Upload) -> TooLarge:
    return TooLarge(
        words("More bytes came than the {size:,} that were announced.", size=upload.bytes),
        remedy=words("Send the file again from its beginning."),
    )
