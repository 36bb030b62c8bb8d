"""A person with nothing but a keyboard walks from a file to an answer: Tab, Enter and Space reach all of it."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.journeys.browser import CHROMIUM, chromium, make_admin, served, settled

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="There is no Chromium. Run: apt install chromium"),
]
LONG_MS = 60_000
TRAINED_MS = 300_000
_MOST_STOPS = 80
#: What the focused thing is called, and whether a person sees that it is the one.
_FOCUSED = """() => {
  let here = document.activeElement
  while (here && here.shadowRoot && here.shadowRoot.activeElement) here = here.shadowRoot.activeElement
  if (!here || here === document.body) return { name: '', role: '', box: null }
  const label = here.labels && here.labels[0] ? here.labels[0].innerText : ''
  const box = here.getBoundingClientRect()
  return {
    // a part of the page that scrolls has the focus too: its text is no name
    name: (here.getAttribute('aria-label') || label || (here.tabIndex >= 0 && !here.matches('main, div, section')
      ? here.innerText : '') || '').trim(),
    role: here.getAttribute('role') || here.tagName.toLowerCase(),
    box: box.width * box.height,
  }
}"""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """160 rows in which a sum of two columns decides the answer."""
    path = tmp_path_factory.mktemp("table") / "loans.csv"
    draw = random.Random(3)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["amount", "years", "owner", "target"])
        for _row in range(160):
            amount, years = draw.randint(1, 900), draw.randint(1, 30)
            said = "late" if amount + 20 * years + draw.randint(-80, 80) > 700 else "paid"
            writer.writerow([amount, years, draw.choice(["yes", "no"]), said])
    return path


def to(page: Page, name: str, *, role: str = "") -> None:
    """Press Tab until the thing of this name has the focus; `role` names one kind of thing.

    Raises: AssertionError with the names of all stops when it is not reached.
    """
    stops = []
    for _stop in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate(_FOCUSED)
        stops.append(f"{here['role']} {here['name'][:40]!r}")
        if name in here["name"] and (not role or here["role"] == role):
            assert here["box"], f"{name} has the focus and cannot be seen"
            return
    raise AssertionError(f"Tab does not reach {name!r}: {stops}")


def press(page: Page, name: str, key: str = "Enter", *, wait_ms: int = LONG_MS) -> None:
    """Wait for a button, go to it by Tab and press it."""
    page.get_by_role("button", name=name).or_(page.get_by_role("tab", name=name)).first.wait_for(
        timeout=wait_ms
    )
    settled(page)
    to(page, name)
    page.keyboard.press(key)


def test_a_keyboard_is_enough_from_a_file_to_an_answer(
    table: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with served(tmp_path_factory.mktemp("portal") / "data") as portal, chromium() as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page = context.new_page()
        make_admin(page, portal.setup_link)

        to(page, "Datasets")
        page.keyboard.press("Enter")
        page.wait_for_url("**/datasets", timeout=LONG_MS)
        settled(page)
        with page.expect_file_chooser(timeout=LONG_MS) as chooser:
            press(page, "Choose files")
        chooser.value.set_files(table)
        page.wait_for_url("**/dataset?id=*", timeout=LONG_MS)

        press(page, "Train a model")
        page.get_by_role("dialog").wait_for(timeout=LONG_MS)
        settled(page)
        to(page, "1 min")
        page.keyboard.press("Space")
        settled(page)
        to(page, "Start")
        page.keyboard.press("Enter")
        page.wait_for_url("**/walk?run=*", timeout=LONG_MS)

        for following, step in (
            ("Next: split", "split"), ("Next: models", "models"), ("Start training", "train"),
            ("Next: evaluation", "evaluate"), ("Next: publish", "publish"),
        ):  # fmt: skip
            press(page, following, wait_ms=TRAINED_MS)
            page.wait_for_url(f"**step={step}*", timeout=LONG_MS)
            page.wait_for_timeout(500)  # the step before is taken off the page
        press(page, "Publish")
        press(page, "Open the model", wait_ms=TRAINED_MS)
        page.wait_for_url("**/model?name=*", timeout=LONG_MS)
        press(page, "Deploy")
        page.get_by_role("dialog").wait_for(timeout=LONG_MS)
        press(page, "Deploy")
        page.wait_for_url("**/service?name=*", timeout=LONG_MS)
        press(page, "Try it")
        page.wait_for_url("**/use?service=*", timeout=LONG_MS)
        press(page, "Ask")
        answer = page.locator(".st-key-card-answer h2")
        answer.wait_for(timeout=LONG_MS)
        assert answer.inner_text().strip() in ("late", "paid")
        context.close()
