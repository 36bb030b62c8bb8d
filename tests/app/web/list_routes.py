"""Print every route of the server as JSON: [path, methods]. Usage: python -m tests.app.web.list_routes DIR"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from starlette.routing import Mount, WebSocketRoute

from app import wiring
from app.server import build_app
from app.settings import ServeSettings, Settings
from app.web.health import Readiness
from app.web.portal import load_options
from store.folder import DataFolder, FolderClaim


def walk(routes: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield path and methods of every route, those of mounted apps too."""
    for route in routes:
        if isinstance(route, WebSocketRoute):
            yield prefix + route.path, ["WEBSOCKET"]
        elif isinstance(route, Mount) and route.routes:
            yield from walk(route.routes, prefix + route.path)
        elif isinstance(route, Mount):
            yield f"{prefix}{route.path}/{{path}}", ["GET"]
        elif hasattr(route, "effective_route_contexts"):  # FastAPI's included routers
            yield from walk(route.effective_route_contexts(), prefix)
        else:
            yield prefix + route.path, sorted(route.methods or ["GET"])


def main(folder: DataFolder) -> None:
    """Build the app on an empty folder and print its routes."""
    with FolderClaim(folder):
        load_options()
        box = wiring.build(folder, Settings(threads=1, memory_gib=0.5), ServeSettings())
        app = build_app(box, Readiness())._build_starlette_app()
        sys.stdout.write(json.dumps(list(walk(app.routes))))
        box.db.close()


if __name__ == "__main__":
    main(DataFolder(Path(sys.argv[1])))
