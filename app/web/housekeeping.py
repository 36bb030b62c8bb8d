"""What the portal's process does for itself now and then."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import pkgutil
from pathlib import Path
from typing import Any

import streamlit
from starlette.concurrency import run_in_threadpool

log = logging.getLogger(__name__)

_EVERY_SECONDS = 30.0
_WARM_AFTER_SECONDS = 1.0
_UI = Path(__file__).resolve().parents[1] / "ui"


async def warm_up() -> None:
    """Load what the first page will need while its reader is still signing in, then set it aside from collections.

    Streamlit loads its table and chart libraries only when a page draws the first one: seconds, for that visitor.
    """
    await asyncio.sleep(_WARM_AFTER_SECONDS)
    await run_in_threadpool(_load)
    gc.collect()
    gc.freeze()


def _load() -> None:
    rooms = [f"app.ui.{found.name}" for found in pkgutil.iter_modules([str(_UI)])]
    for name in ("pyarrow", "pandas", "altair", *rooms):
        try:
            importlib.import_module(name)
        except ImportError:
            log.exception("%s cannot be loaded; the page that needs it will say so.", name)


async def keep_tidy(app: streamlit.App) -> None:
    """Drop Streamlit's expired sessions on time, and collect garbage, until cancelled.

    Streamlit looks at expiry only when another session is saved, and its own collection after every run is off because
    it stalls everyone (PORTAL §0, fact 3).
    """
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        drop_expired(app)
        gc.collect()


def drop_expired(app: streamlit.App) -> None:
    """Drop the sessions whose time is over, from a private place of Streamlit's that a test keeps an eye on."""
    storage: Any = getattr(getattr(app._runtime, "_session_mgr", None), "_session_storage", None)
    try:
        storage._cache.expire()
    except AttributeError:
        log.exception("Streamlit keeps its expired sessions elsewhere now.")
