"""Why the inference plane says no, with the HTTP status and the stable word that say so to programs."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import AimassError, BadData
from engine.serving.session import Stopped
from engine.serving.too_many import TooManyRows


class Refused(AimassError):
    """A request that gets no answer.

    status: HTTP status.   code: stable word, also the reason in the counters.   headers: to send along.
    """

    def __init__(
        self,
        message: str,
        *,
        remedy: str,
        status: int = 400,
        code: str = "bad_request",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


def not_found(what: str, name: str) -> Refused:
    """Return the refusal for a model, version or service that is not served."""
    return Refused(
        f"There is no {what} {name[:100]!r}.",
        status=404,
        code="not_found",
        remedy="Look at /v2/repository/index for what is served.",
    )


def too_large(message: str) -> Refused:
    """Return the refusal of a body beyond the limits; the connection is closed, for its rest is not read."""
    return Refused(
        message,
        status=413,
        code="too_large",
        remedy="Send fewer rows at once.",
        headers={"Connection": "close"},
    )


def refused_as(error: BaseException) -> Refused:
    """Return the refusal that `error` means: 422 for rows that do not fit, 413 for too many, 504 for a stopped run.

    Anything else of our own is a fault of the model or the machine: 500, without details.
    """
    if isinstance(error, Refused):
        return error
    if isinstance(error, TooManyRows):
        return Refused(error.message, status=413, code="too_large", remedy=error.remedy)
    if isinstance(error, BadData):
        return Refused(error.message, status=422, code="bad_rows", remedy=error.remedy)
    if isinstance(error, Stopped):
        return Refused(error.message, status=504, code="deadline", remedy=error.remedy)
    if isinstance(error, AimassError):
        return Refused(
            "The model could not compute an answer.",
            status=500,
            code="model_failed",
            remedy="Send fewer rows at once; if it happens again, deploy another version.",
        )
    return Refused(
        "The server failed.", status=500, code="internal", remedy="Look for the request's id in the log."
    )
