"""Files out: as attachments, so that nothing a user sent is ever shown as a page of ours (SECURITY B09).

A report is the one exception: it is ours, and is shown under a policy that lets it run and reach nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.usecases import datasets, jobs, models, predictions
from app.usecases.refusals import NotFound
from app.web.headers import REPORT_CSP
from app.web.visitor import Visitor, visitor_of
from engine.words import words

_LOG_LINES = 5_000
_BYTES = "application/octet-stream"

#: Finds a file for a visitor, and the name to save it under.
Find = Callable[[Visitor, Request], tuple[Path, str]]


def download_routes() -> list[Route]:
    """Return the routes of `/download`, and of `/report`, where a version's report is shown."""
    version = "/download/models/{name}/{version:int}"
    return [
        Route(f"{version}/model.onnx", _attachment(_model), methods=["GET"]),
        Route(f"{version}/report.html", _saved_report, methods=["GET"]),
        Route("/download/datasets/{dataset_id}/rejects", _attachment(_rejects), methods=["GET"]),
        Route("/download/jobs/{job_id}/answers", _attachment(_answers), methods=["GET"]),
        Route("/download/jobs/{job_id}/log", _log, methods=["GET"]),
        Route("/report/{name}/{version:int}", _shown_report, methods=["GET"]),
    ]


def _attachment(find: Find) -> Callable[[Request], object]:
    async def send(request: Request) -> Response:
        path, name = await run_in_threadpool(find, visitor_of(request), request)
        if not await run_in_threadpool(path.is_file):
            raise _gone()
        return FileResponse(path, media_type=_BYTES, filename=name)

    return send


def _model(visitor: Visitor, request: Request) -> tuple[Path, str]:
    name, version = _version(request)
    return models.model_file(visitor.box, visitor.person, name, version), f"{name}-{version}.onnx"


def _rejects(visitor: Visitor, request: Request) -> tuple[Path, str]:
    dataset_id = request.path_params["dataset_id"]
    path = datasets.rejects(visitor.box, visitor.person, dataset_id)
    if path is None:
        raise _gone()
    return path, f"rejects-{dataset_id}.csv"


def _answers(visitor: Visitor, request: Request) -> tuple[Path, str]:
    path = predictions.answers_file(visitor.box, visitor.person, request.path_params["job_id"])
    return path, path.name


async def _log(request: Request) -> Response:
    visitor, job_id = visitor_of(request), request.path_params["job_id"]
    text = await run_in_threadpool(jobs.log_tail, visitor.box, visitor.person, job_id, _LOG_LINES)
    header = f'attachment; filename="job-{job_id}.txt"'  # an id of ours by now: nothing to escape
    return PlainTextResponse(text, headers={"Content-Disposition": header})


async def _shown_report(request: Request) -> Response:
    return HTMLResponse(await _report(request), headers={"Content-Security-Policy": REPORT_CSP})


async def _saved_report(request: Request) -> Response:
    name, version = _version(request)
    header = f'attachment; filename="{name}-{version}-report.html"'  # a name of ours: a slug and a number
    return Response(await _report(request), media_type=_BYTES, headers={"Content-Disposition": header})


async def _report(request: Request) -> str:
    visitor, (name, version) = visitor_of(request), _version(request)
    return await run_in_threadpool(
        models.report_page, visitor.box, visitor.person, name, version, visitor.language
    )


def _version(request: Request) -> tuple[str, int]:
    return str(request.path_params["name"]), int(request.path_params["version"])


def _gone() -> NotFound:
    return NotFound(words("There is no such file."), remedy=words("Go back and load the page again."))
