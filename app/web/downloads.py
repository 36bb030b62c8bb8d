"""Files out: always as an attachment, so that nothing a user sent is ever shown as a page of ours (SECURITY B09)."""

from __future__ import annotations

from starlette.routing import Route


def download_routes() -> list[Route]:
    """Return the routes of `/download`."""
    return []
