"""Why a use case says no. Each has its own HTTP status, so that pages and programs are told the same thing."""

from __future__ import annotations

from engine.errors import AimassError, BadCommand


class Refusal(BadCommand):
    """A request that cannot be granted as it stands.   status: the HTTP status that says so."""

    status = 422
    code = "refused"


class NotFound(Refusal):
    """There is no such thing, or the caller may not know that there is."""

    status = 404
    code = "not_found"


class NotSignedIn(Refusal):
    """The caller is nobody we know: no session, a dead one, a wrong key or password."""

    status = 401
    code = "not_signed_in"


class Forbidden(Refusal):
    """The caller is known, but may not do this."""

    status = 403
    code = "forbidden"


class Conflict(Refusal):
    """Someone else was faster, or something that is under way stands against it."""

    status = 409
    code = "conflict"


class TooLarge(Refusal):
    """More than the box takes at once."""

    status = 413
    code = "too_large"


class TooManyAttempts(Refusal):
    """Too often in too short a time.   retry_after_s: when to try again."""

    status = 429
    code = "too_many_attempts"

    def __init__(self, message: str, *, remedy: str, retry_after_s: int) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after_s = retry_after_s


def http_status(error: AimassError) -> int:
    """Return the HTTP status for an error: a refusal's own, 422 for bad input, 500 for work that failed."""
    if isinstance(error, Refusal):
        return error.status
    return 422 if error.exit_code == BadCommand.exit_code else 500
