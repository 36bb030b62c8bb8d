from __future__ import annotations

import logging
import subprocess
import sys
from types import SimpleNamespace

import pytest

from app.web.housekeeping import drop_expired
from tests.served import ROOT

pytestmark = pytest.mark.slow

_KNOWN = """
import streamlit
from app.web.housekeeping import drop_expired
from app.web.portal import SCRIPT
app = streamlit.App(SCRIPT)
app._runtime = app._create_runtime()
storage = app._runtime._session_mgr._session_storage
storage._cache.expire()
drop_expired(app)
print("known")
"""


def test_streamlit_keeps_its_sessions_where_we_look() -> None:
    """A new Streamlit may move them: then expired sessions would keep their memory until the next visit."""
    said = subprocess.run(
        [sys.executable, "-c", _KNOWN], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == "known"


def test_warming_up_loads_what_pages_draw_with() -> None:
    program = (
        "import asyncio, sys\nfrom app.web import housekeeping\nhousekeeping._WARM_AFTER_SECONDS = 0\n"
        "asyncio.run(housekeeping.warm_up())\n"
        "print(*({'pandas', 'altair', 'app.ui.frame', 'sklearn', 'onnxruntime'} & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert set(said.split()) == {"pandas", "altair", "app.ui.frame"}


def test_when_it_does_not_that_is_said_and_nothing_breaks(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        drop_expired(SimpleNamespace(_runtime=None))  # type: ignore[arg-type]
    assert "elsewhere" in caplog.text
