"""The control API: the same use cases as the pages, for programs."""

from __future__ import annotations

from fastapi import FastAPI


def build_api() -> FastAPI:
    """Return the ASGI app of `/api`."""
    return FastAPI(title="AI Mass", docs_url=None, redoc_url=None, openapi_url=None)
