"""A large file from a real browser: whatever breaks in between, it arrives whole and becomes a dataset."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browser import (
    REPOSITORY,
    Served,
    Watch,
    choose_files,
    chromium,
    make_admin,
    served,
    settled,
)

pytestmark = [pytest.mark.journey, pytest.mark.slow]

ROWS = 1_500_000
#: Bytes a second: slow enough to break things in the middle.
SLOW = 3_000_000
SECOND_MS = 1000
GOING = re.compile(r"\d+:\d\d left")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A file of some 25 MB."""
    file = tmp_path / "sales 2025 销售.csv"
    with file.open("w", encoding="utf-8") as out:
        out.write("id,amount,shop\n")
        out.writelines(f"{n},{n * 7 % 1000},shop{n % 40}\n" for n in range(ROWS))
    return file


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "data") as running:
        yield running


def test_an_upload_survives_a_reload_and_a_kill_of_the_server(server: Served, table: Path) -> None:
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        watch = Watch()
        watch.follow(context)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        make_admin(page, server.setup_link)

        _begin(page, server, table, speed=SLOW)
        page.get_by_text(GOING).wait_for()
        page.reload()
        page.get_by_text("Choose it again to go on", exact=False).wait_for()

        _begin(page, server, table, speed=SLOW)
        page.get_by_text(GOING).wait_for()
        again = _kill_and_serve_again(server)
        try:
            page.wait_for_url("**/dataset?id=*", timeout=120 * SECOND_MS)
            dataset_id = page.url.rpartition("=")[2]
            kept = server.folder / "datasets" / dataset_id / "source" / table.name
            assert _digest(kept) == _digest(table)
            page.get_by_text(f"{ROWS:,}").first.wait_for(timeout=120 * SECOND_MS)
        finally:
            again.send_signal(signal.SIGTERM)
            again.wait(60)
    assert watch.strangers == []


def _begin(page: Page, server: Served, file: Path, *, speed: int) -> None:
    page.goto(f"{server.base}/datasets")
    settled(page)
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": speed},
    )
    choose_files(page, file)


def _kill_and_serve_again(server: Served) -> subprocess.Popen[bytes]:
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(60)
    command = list(server.process.args)
    return subprocess.Popen([sys.executable, *command[1:]], cwd=REPOSITORY)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def test_a_refused_file_is_told_in_the_servers_own_words(tmp_path: Path) -> None:
    table = tmp_path / "large.csv"
    table.write_bytes(b"a,b\n" + b"1,2\n" * 500_000)
    with served(tmp_path / "data", AIMASS_MAX_UPLOAD_GIB="0.001") as portal, chromium() as browser:
        page = browser.new_context(locale="zh-CN").new_page()
        make_admin(page, portal.setup_link)
        page.goto(f"{portal.base}/datasets")
        settled(page)
        choose_files(page, table)
        expect(page.get_by_text("1,073,741")).to_be_visible()
        expect(page.get_by_text("AIMASS_MAX_UPLOAD_GIB")).to_be_visible()
