"""Files in over the API, in one piece; large ones better come by tus, which can go on after a broken line."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from app.api.caller import Caller
from app.api.shapes import Given
from app.usecases import uploads
from app.usecases.refusals import Refusal
from app.web.uploads import append
from engine.errors import AimassError
from engine.words import words

router = APIRouter(prefix="/uploads", tags=["uploads"])


class UploadOut(Given):
    """A file that is here."""

    id: str
    name: str
    bytes: int


class WrongLength(Refusal):
    """The body is not as long as was announced."""

    status = 400
    code = "wrong_length"


@router.post(
    "",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def send_file(
    caller: Caller,
    request: Request,
    name: Annotated[str, Query(max_length=500, description="the file's name")],
) -> UploadOut:
    """Send a file as the request's body: `curl --data-binary @data.csv`, with a Content-Length."""
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise WrongLength(
            words("The size of the file is not known."), remedy=words("Send the header Content-Length.")
        )
    upload = await run_in_threadpool(uploads.begin, caller.box, caller.person, name, int(length))
    if upload.finished_at is None:
        try:
            offset = await append(request, upload, 0)
        except AimassError:
            # Nobody can go on with it by this way, and on a full disk its bytes are in the way.
            await run_in_threadpool(uploads.discard, caller.box, caller.person, upload.id)
            raise
        if offset != upload.bytes:
            await run_in_threadpool(uploads.discard, caller.box, caller.person, upload.id)
            raise WrongLength(words("The file was cut short on its way."), remedy=words("Send it again."))
        upload = await run_in_threadpool(uploads.finish, caller.box, upload)
    return UploadOut.model_validate(upload)
