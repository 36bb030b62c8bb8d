"""The files of our own pages: styles, the guard script, vendored libraries and fonts. All public, all from inside."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

ASSETS = Path(__file__).with_name("assets")
BRAND = Path(__file__).resolve().parents[1] / "static"


def asset_routes() -> list[BaseRoute]:
    """Return the routes of `/assets`; `/assets/brand` is the logo's folder, which Streamlit serves too, but to people
    who are signed in only."""

    async def icon(request: Request) -> FileResponse:
        return FileResponse(BRAND / "icon.png")

    return [
        Route("/favicon.ico", icon, methods=["GET"]),
        Mount("/assets/brand", StaticFiles(directory=BRAND)),
        Mount("/assets", StaticFiles(directory=ASSETS)),
    ]
