"""Streamlit's page as we hand it out, and the options it runs with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.web.portal import PROMISED_OPTIONS
from tests.served import ROOT, Client

pytestmark = pytest.mark.slow

_CHECK = "from app.web.portal import load_options; load_options()"


def test_the_options_in_force_are_the_promised_ones(tmp_path: Path) -> None:
    """Started from anywhere, whatever the environment says: Streamlit reads neither of them here."""
    environment = {**os.environ, "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "true"}
    checked = subprocess.run(
        [sys.executable, "-P", "-c", _CHECK],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_an_option_that_is_not_in_force_keeps_the_server_from_starting(tmp_path: Path) -> None:
    broken = (
        "from pathlib import Path\nfrom app.web import portal\n"
        f"portal.ROOT = Path({str(tmp_path)!r})\n"
        "from engine.errors import WorkFailed\n"
        "try: portal.load_options()\n"
        "except WorkFailed as error: print(error.message)"
    )
    (tmp_path / ".streamlit").mkdir()
    text = (ROOT / ".streamlit" / "config.toml").read_text("utf-8")
    changed = text.replace("gatherUsageStats = false", "gatherUsageStats = true")
    assert changed != text
    (tmp_path / ".streamlit" / "config.toml").write_text(changed, "utf-8")
    said = subprocess.run(
        [sys.executable, "-c", broken], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "browser.gatherUsageStats" in said


def test_nothing_leaves_and_nothing_stalls() -> None:
    assert PROMISED_OPTIONS["browser.gatherUsageStats"] is False
    assert PROMISED_OPTIONS["runner.postScriptGC"] is False
    assert PROMISED_OPTIONS["client.allowedOrigins"] == []


def test_the_page_bears_our_marks(admin: Client) -> None:
    answer = admin.get("/", accept_encoding="gzip")
    assert "<title>AI Mass</title>" in answer.text
    assert '<script src="/assets/guard.js"></script>' in answer.text
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert "etag" not in answer.headers
    assert admin.get("/datasets", if_modified_since="Fri, 01 Jan 2100 00:00:00 GMT").status == 200


def test_streamlits_bundle_is_the_same_for_everyone_and_kept(admin: Client, stranger: Client) -> None:
    script = admin.get("/").text.split('src="./static/js/')[1].split('"')[0]
    answer = stranger.get(f"/static/js/{script}")
    assert answer.status == 200
    assert "max-age" in answer.headers["cache-control"]
