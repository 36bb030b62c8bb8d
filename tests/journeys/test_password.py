"""A person changes their password with a manager that fills everything at once; every other browser is signed out."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browser import CHROMIUM, PASSWORD, Watch, chromium, make_admin, served, settled, sign_in

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="There is no Chromium. Run: apt install chromium"),
]
NEW = "seven lakes under a violet tram"
#: What a password manager does: it fills every field of the form in one go, presses no key, and sends it at once.
FILL_AT_ONCE = """([old, fresh]) => {
  const values = { current: [old], new: [fresh, fresh] }
  for (const field of document.querySelectorAll('input[type=password]')) {
    const kind = field.autocomplete === 'current-password' ? 'current' : 'new'
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, values[kind].shift())
    field.dispatchEvent(new Event('input', { bubbles: true }))
    field.dispatchEvent(new Event('change', { bubbles: true }))
  }
  document.querySelector('form button').click()
}"""


def test_a_password_filled_at_once_is_changed(tmp_path: Path) -> None:
    watch = Watch()
    with served(tmp_path / "data") as portal, chromium() as browser:
        own, other = browser.new_context(locale="en-GB"), browser.new_context(locale="en-GB")
        watch.follow(own)
        page, elsewhere = own.new_page(), other.new_page()
        make_admin(page, portal.setup_link)
        sign_in(elsewhere, portal.base)

        _to_the_form(page, portal.base)
        page.evaluate(FILL_AT_ONCE, ["not the present one", NEW])
        expect(page.get_by_role("alert")).to_contain_text("The present password is wrong.")
        page.evaluate(FILL_AT_ONCE, [PASSWORD, NEW])
        expect(page.get_by_role("heading", name="Your password is changed")).to_be_visible()

        elsewhere.wait_for_url(f"{portal.base}/login**")
        page.get_by_role("link", name="Go on").click()
        settled(page)
        sign_in(elsewhere, portal.base, password=NEW)
        own.close()
        other.close()
    assert not watch.strangers
    assert [fault for fault in watch.faults if "401" not in fault] == []  # the wrong one is answered with 401


def _to_the_form(page: Page, base: str) -> None:
    page.goto(f"{base}/account")
    settled(page)
    page.get_by_role("button", name="Change password").click()
    page.wait_for_url(f"{base}/password")
    expect(page.locator("input[type=password]")).to_have_count(3)
