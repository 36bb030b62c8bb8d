"""Pictures out: the small ones that an import made for people to look at, and never a file of a user's own."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.usecases import picture_plan, pictures
from app.web.visitor import visitor_of

#: Opened by itself, an answer is saved and not shown (SECURITY B09); in a page of ours it is a picture all the same.
_HEADERS = {"Content-Disposition": 'attachment; filename="picture.jpg"'}


def picture_routes() -> list[Route]:
    """Return the routes of `/pictures`."""
    return [
        Route("/pictures/preview/{job_id}/{number:int}", _varied, methods=["GET"]),
        Route("/pictures/{dataset_id}/{row:int}", _thumbnail, methods=["GET"]),
    ]


async def _thumbnail(request: Request) -> Response:
    visitor, told = visitor_of(request), request.path_params
    content = await run_in_threadpool(
        pictures.thumbnail, visitor.box, visitor.person, told["dataset_id"], told["row"]
    )
    return Response(content, media_type="image/jpeg", headers=_HEADERS)


async def _varied(request: Request) -> Response:
    visitor, told = visitor_of(request), request.path_params
    content = await run_in_threadpool(
        picture_plan.preview_picture, visitor.box, visitor.person, told["job_id"], told["number"]
    )
    return Response(content, media_type="image/jpeg", headers=_HEADERS)
