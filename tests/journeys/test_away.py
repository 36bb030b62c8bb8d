"""While the server is away the page says so in the reader's language, once, and goes on by itself when it is back."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.language import translator
from tests.journeys.browser import CHROMIUM, REPOSITORY, chromium, make_admin, served, settled

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="There is no Chromium. Run: apt install chromium"),
]
LONG_MS = 60_000
AWAY = "The server does not answer now. This page goes on by itself as soon as it does."
#: Streamlit's own window, which speaks English alone; it comes after some tries to reach the server.
WINDOW = "[data-testid=stDialog]"
SAID = """() => {
  const said = getComputedStyle(document.querySelector('[data-testid=stApp]'), '::after')
  const isSeen = said.visibility === 'visible' && said.opacity === '1' && said.content.startsWith('"')
  return isSeen ? said.content : ''
}"""


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_only_our_sentence_is_seen_while_the_server_is_away(language: str, tmp_path: Path) -> None:
    with served(tmp_path / "data") as portal, chromium() as browser:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, locale=language.replace("_", "-")
        )
        page = context.new_page()
        make_admin(page, portal.setup_link)
        assert page.evaluate(SAID) == ""

        portal.process.send_signal(signal.SIGKILL)
        portal.process.wait(60)
        page.locator(WINDOW).wait_for(state="attached", timeout=LONG_MS)
        page.wait_for_function(f"() => ({SAID})() !== ''", timeout=LONG_MS)
        _look(page, language)

        command = [sys.executable, *list(portal.process.args)[1:]]
        again = subprocess.Popen(
            command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            page.locator(WINDOW).wait_for(state="detached", timeout=LONG_MS)
            page.wait_for_function(f"() => ({SAID})() === ''", timeout=LONG_MS)
            settled(page)
        finally:
            again.send_signal(signal.SIGTERM)
            again.wait(60)
        context.close()


def _look(page: Page, language: str) -> None:
    told = page.evaluate(SAID)
    assert translator(language).text(AWAY) in told
    expect(page.locator(WINDOW)).to_be_hidden()
    expect(page.get_by_text("Connection error")).to_be_hidden()
    assert page.get_by_text("Connecting", exact=False).count() == 0


def test_our_own_windows_stay_while_the_server_is_away(tmp_path: Path) -> None:
    """What a person has typed into one of them must not be lost from sight."""
    with served(tmp_path / "data") as portal, chromium() as browser:
        page = browser.new_page(locale="en-GB")
        make_admin(page, portal.setup_link)
        page.goto(f"{portal.base}/account")
        settled(page)
        page.get_by_role("tab", name="Keys").click()
        page.get_by_role("button", name="New key").click()
        page.get_by_role("dialog").wait_for()
        portal.process.send_signal(signal.SIGKILL)
        portal.process.wait(60)
        page.wait_for_function(f"() => ({SAID})() !== ''", timeout=LONG_MS)
        expect(page.get_by_role("dialog").first).to_be_visible()
