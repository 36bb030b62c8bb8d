"""What our own small forms send: a handful of short fields, and where to go afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from app.usecases.refusals import Refusal, TooLarge
from engine.words import words

_MOST_BYTES = 16 << 10
_MOST_FIELDS = 10
_LONGEST_TARGET = 2000


class WrongForm(Refusal):
    """The body is not a form of ours."""

    status = 415
    code = "unsupported_type"


async def read_form(request: Request) -> Mapping[str, str]:
    """Return the fields of a small HTML form; the last one of a name counts.   Raises: WrongForm, TooLarge."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise WrongForm(
            words("The request is not a form. Received: {kind!r}.", kind=kind[:80]),
            remedy=words("Send the form of the page."),
        )
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise TooLarge(words("The form is too large."), remedy=words("Send the form of the page."))
    try:
        fields = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise WrongForm(
            words("The form cannot be read."), remedy=words("Send the form of the page.")
        ) from error
    return dict(fields)


def safe_target(wish: str | None) -> str:
    """Return where to go on to: a path of this server, or "/" for anything that might lead elsewhere (SECURITY B11).

    >>> safe_target("/walk?run=a1"), safe_target("//evil"), safe_target("/\\\\evil"), safe_target("https:evil")
    ('/walk?run=a1', '/', '/', '/')
    """
    if not wish or len(wish) > _LONGEST_TARGET or not wish.startswith("/") or wish[1:2] in {"/", "\\"}:
        return "/"
    return wish if wish.isprintable() and "\\" not in wish else "/"
