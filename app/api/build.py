"""The API's app: its routes under /api/v1, its documentation at /api/docs, and one shape for every refusal."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from app.api import account, datasets, jobs, models, runs, services, uploads
from app.api.caller import REFUSALS
from app.version import aimass_version
from app.web.answers import nothing_saved, problem, problem_of, unforeseen
from app.web.headers import DOCS_CSP
from app.web.pages import render
from app.web.visitor import visitor_of
from engine.errors import AimassError
from engine.words import words
from store.database import DatabaseFull

_ABOUT = (
    "The same work as on the portal's pages, for programs. Send a key as `Authorization: Bearer aim_…`; "
    "people make keys on the page *Account*; a key itself can make none. Files come in by "
    "tus 1.0.0 at `/uploads` or in one piece by `POST /api/v1/uploads`; then name the upload's id."
)
_CODES = {400: "bad_request", 404: "not_found", 405: "wrong_method", 415: "unsupported_type"}


def build_api() -> FastAPI:
    """Return the ASGI app of `/api`."""
    app = FastAPI(
        title="AI Mass",
        version=aimass_version(),
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        responses=REFUSALS,
    )
    v1 = APIRouter(prefix="/v1")
    for room in (account, uploads, datasets, runs, models, services, jobs):
        v1.include_router(room.router)
    app.include_router(v1)
    app.add_api_route("/docs", _docs, include_in_schema=False, methods=["GET"])
    app.add_exception_handler(AimassError, _refused)
    app.add_exception_handler(DatabaseFull, _full)
    app.add_exception_handler(RequestValidationError, _wrong_request)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)
    return app


async def _docs(request: Request) -> HTMLResponse:
    """Show the documentation, drawn by files of our own."""
    page = render(visitor_of(request), "api_docs.html", {})
    page.headers["Content-Security-Policy"] = DOCS_CSP
    return page


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AimassError)
    return problem_of(visitor_of(request), error)


async def _full(request: Request, error: Exception) -> Response:
    return problem_of(visitor_of(request), nothing_saved())


async def _wrong_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return problem(
        visitor_of(request),
        422,
        "invalid_request",
        words("The request cannot be understood at {place!r}: {why}.", place=place[:100], why=first["msg"]),
        remedy=words("Look at /api/docs for what is expected."),
    )


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "refused")
    sentence = words("There is no such address, or not with this method.")
    if error.status_code not in {404, 405}:
        sentence = words("The request cannot be read.")
    answer = problem(
        visitor_of(request), error.status_code, code, sentence, remedy=words("Look at /api/docs.")
    )
    answer.headers.update(error.headers or {})
    return answer


async def _failed(request: Request, error: Exception) -> Response:
    """Answer for what nobody foresaw; the gate writes the error into the log."""
    answer = unforeseen(visitor_of(request))
    assert isinstance(answer, JSONResponse)
    return answer
