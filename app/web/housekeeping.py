"""What the portal's process does for itself now and then."""

from __future__ import annotations

import asyncio
import gc
import logging
from typing import Any

import streamlit

log = logging.getLogger(__name__)

_EVERY_SECONDS = 30.0


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
