"""What the portal's process does for itself now and then."""

from __future__ import annotations

import asyncio
import gc
import logging

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
        try:
            # Private: tests/app/web/test_housekeeping.py notices when a new Streamlit moves it.
            app._runtime._session_mgr._session_storage._cache.expire()
        except AttributeError:
            log.exception("Streamlit keeps its expired sessions elsewhere now.")
        gc.collect()
