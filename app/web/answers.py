"""How the server says no: one shape of JSON for programs, one quiet page for people."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response

from app.usecases.refusals import Refusal, TooManyAttempts, http_status
from app.web.pages import render
from app.web.visitor import Visitor, visitor_of
from engine.errors import AimassError
from engine.words import words

UNFORESEEN = words("Something unforeseen went wrong here.")
UNFORESEEN_REMEDY = words("Try again; if it fails again, give an administrator the request's number.")


class NothingSaved(Refusal):
    """The disk is full where the records are kept; what was there before is kept."""

    status = 507
    code = "disk_full"


def nothing_saved() -> NothingSaved:
    """Return the refusal of a change that could not be written down."""
    return NothingSaved(
        words("The server's disk is full: nothing was saved."),
        remedy=words("Make room on it, then do the same again."),
    )


def problem(
    visitor: Visitor, status: int, code: str, message: str, *, remedy: str = "", as_page: bool = False
) -> Response:
    """Return an error answer.   code: stable, for programs.   message, remedy: sentences in the caller's language."""
    told, advice = visitor.language.tell(message), visitor.language.tell(remedy)
    if as_page:
        values = {"message": told, "remedy": advice, "request_id": visitor.request_id}
        return render(visitor, "problem.html", values, status=status)
    body = {"error": told, "code": code, "request_id": visitor.request_id}
    return JSONResponse({**body, "remedy": advice} if remedy else body, status)


def problem_of(visitor: Visitor, error: AimassError, *, as_page: bool = False) -> Response:
    """Return the answer to an error of ours; what failed inside keeps its details for the log."""
    status = http_status(error)
    code = error.code if isinstance(error, Refusal) else _code(error)
    answer = problem(visitor, status, code, error.message, remedy=error.remedy, as_page=as_page)
    answer.headers.update(extra_headers(error))
    return answer


def extra_headers(error: AimassError) -> Mapping[str, str]:
    """Return the headers that belong to an error: when to try again."""
    return {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooManyAttempts) else {}


def unforeseen(visitor: Visitor, *, as_page: bool = False) -> Response:
    """Return the answer to what nobody foresaw: a number to find it in the log by, and nothing else."""
    return problem(visitor, 500, "internal", UNFORESEEN, remedy=UNFORESEEN_REMEDY, as_page=as_page)


def wants_page(connection: HTTPConnection) -> bool:
    """Tell whether a person in a browser asked, by what the request accepts."""
    path = connection.scope["path"]
    return "text/html" in connection.headers.get("accept", "") and not path.startswith(("/api/", "/_stcore/"))


def refuse(connection: HTTPConnection, error: AimassError) -> Response:
    """Return the answer to an error in the shape that fits who asked."""
    return problem_of(visitor_of(connection), error, as_page=wants_page(connection))


def _code(error: AimassError) -> str:
    """A class's name as programs read it: `InvalidSpec` → `invalid_spec`."""
    name = type(error).__name__
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name).lstrip("_")
