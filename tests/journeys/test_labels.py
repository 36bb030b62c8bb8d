"""Pictures in a real browser: brought in a ZIP, looked at, labelled by keys alone, and made a new version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from store import edits
from tests.journeys.browser import Served, Watch, choose_files, chromium, make_admin, served, settled
from tests.pictured import write_zip

pytestmark = [pytest.mark.journey, pytest.mark.slow]

LONG_MS = 60_000
COUNT = 200


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "data") as running:
        yield running


def test_pictures_are_brought_looked_at_labelled_and_made_a_version(server: Served, tmp_path: Path) -> None:
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        watch = Watch()
        watch.follow(context)
        page = context.new_page()
        make_admin(page, server.setup_link)

        dataset = _bring(page, server.base, write_zip(tmp_path / "digits.zip", COUNT, broken=2))
        _look(page)
        _label(page)
        log = edits.read(server.folder / "datasets" / dataset / "labels.jsonl")
        assert [line.get("edit", {}).get("action", "undo") for line in log] == [
            "label",
            "label",
            "exclude",
            "undo",
        ]
        _make_version(page)
    assert (watch.strangers, watch.faults) == ([], [])


def _bring(page: Page, base: str, file: Path) -> str:
    page.goto(f"{base}/datasets")
    settled(page)
    choose_files(page, file)
    page.wait_for_url("**/dataset?id=*", timeout=LONG_MS)
    expect(page.get_by_role("tab", name="Look-alikes")).to_be_visible(timeout=LONG_MS)
    return page.url.rpartition("=")[2]


def _look(page: Page) -> None:
    """Every picture of the first page has come, small; the two broken files are told with the reason."""
    expect(page.get_by_text(f"{COUNT} pictures", exact=True)).to_be_visible()
    expect(page.locator("figure")).to_have_count(60)
    page.wait_for_function(
        "() => [...document.querySelectorAll('*')].flatMap((one) => [...(one.shadowRoot?.querySelectorAll('img') "
        "?? [])]).slice(0, 20).every((image) => image.complete && image.naturalWidth === 32)"
    )
    page.get_by_role("tab", name="How it was read").click()
    expect(page.get_by_text("Files left out").first).to_be_visible()


def _label(page: Page) -> None:
    page.get_by_role("button", name="Label", exact=True).click()
    page.wait_for_url("**/label?id=*", timeout=LONG_MS)
    settled(page)
    tiles = page.locator("figure")
    tiles.first.focus()
    page.keyboard.press("7")
    expect(_word(tiles.nth(0))).to_have_text("7")
    expect(tiles.nth(1)).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("a rare one")
    page.keyboard.press("Enter")
    expect(_word(tiles.nth(1))).to_have_text("a rare one")
    page.keyboard.press("x")
    expect(page.get_by_text("3 pictures changed, 1 of them left out")).to_be_visible(timeout=LONG_MS)
    page.keyboard.press("z")
    expect(page.get_by_text("of them left out")).to_have_count(0, timeout=LONG_MS)
    expect(page.get_by_text("2 pictures changed")).to_be_visible()
    settled(page)


def _make_version(page: Page) -> None:
    page.get_by_role("button", name="Make a new version").click()
    page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    page.wait_for_url("**/dataset?id=*", timeout=LONG_MS)
    expect(page.get_by_role("heading", name="digits 2")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("A version with 2 changes to its labels")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text(f"{COUNT} pictures", exact=True)).to_be_visible(timeout=LONG_MS)
    page.get_by_role("combobox", name="Class").click()
    expect(page.get_by_role("option", name="a rare one · 1")).to_be_visible()


def _word(tile: Locator) -> Locator:
    return tile.locator(".label")
