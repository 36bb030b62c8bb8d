"""A person drops and pastes pictures, and sends a zip of them; the service answers each, in the browser."""

from __future__ import annotations

import base64
import io
import os
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.settings import ServeSettings
from app.usecases.person import person_of
from app.wiring import build
from store import users
from store.folder import DataFolder
from store.identifiers import new_id
from store.table import now
from store.users import User
from tests.colours import deploy_colours
from tests.engine.published_pictures import COLOURS, encoded, picture
from tests.journeys.browser import CHROMIUM, Watch, choose_files, chromium, make_admin, served, settled
from tests.runs import SETTINGS

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="There is no Chromium. Run: apt install chromium"),
]
#: What a browser does when somebody presses Ctrl+V with a picture at hand.
PASTE = """([element, encoded]) => {
  const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0))
  const held = new DataTransfer()
  held.items.add(new File([bytes], 'pasted.png', { type: 'image/png' }))
  element.dispatchEvent(new ClipboardEvent('paste', { clipboardData: held, bubbles: true, cancelable: true }))
}"""


@pytest.fixture
def folder(tmp_path: Path, picture_model_bytes: bytes) -> Path:
    """A data folder with one service, which names the strongest colour of a picture."""
    root = DataFolder(tmp_path / "data")
    root.create()
    box = build(root, SETTINGS, ServeSettings())
    with closing(box.db), closing(box.jobs):
        bob = User(id=new_id(), name="bob", display="Bob", role="member", password_hash="!", created_at=now())
        with box.db.write() as tx:
            users.add(tx, bob)
        deploy_colours(box, person_of(bob), picture_model_bytes)
    return root.root


def a_zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for i in range(6):
            archive.writestr(f"{COLOURS[i % 3]}/{i}.png", encoded(picture((20, 20 + i), i % 3, i)))
    return content.getvalue()


def test_pictures_are_dropped_pasted_and_sent_as_a_zip(folder: Path, tmp_path: Path) -> None:
    watch = Watch()
    with served(folder) as portal, chromium() as browser:
        context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
        watch.follow(context)
        page = context.new_page()
        make_admin(page, portal.setup_link)
        page.goto(f"{portal.base}/use?service=colours")
        settled(page)
        _dropped(page)
        _pasted(page)
        keep_picture(page, "use-pictures")
        _sent(page, tmp_path)
        context.close()
    assert not watch.strangers
    assert not watch.faults


def _dropped(page: Page) -> None:
    pictures = [
        {"name": "leaf.png", "mimeType": "image/png", "buffer": encoded(picture((60, 90), 1, 1))},
        {"name": "sky.jpg", "mimeType": "image/jpeg", "buffer": encoded(picture((80, 50), 2, 2), "JPEG")},
        {"name": "fake.png", "mimeType": "image/png", "buffer": b"<svg/>"},
    ]
    page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(pictures)  # type: ignore[arg-type]
    expect(page.get_by_role("heading", name="green")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("heading", name="blue")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("alert")).to_contain_text("This is not a picture")
    drawing = page.get_by_role("img", name="leaf.png, with the places marked")
    expect(drawing).to_be_visible()
    assert drawing.evaluate("image => image.naturalWidth") == 90
    settled(page)


def _pasted(page: Page) -> None:
    box = page.locator("[data-testid=stChatInputTextArea]")
    red = base64.b64encode(encoded(picture((40, 40), 0, 3))).decode()
    page.evaluate(PASTE, [box.element_handle(), red])
    expect(page.get_by_text("pasted.png").first).to_be_visible(timeout=30_000)
    box.press("Enter")
    expect(page.get_by_role("heading", name=COLOURS[0])).to_be_visible(timeout=60_000)
    settled(page)


def _sent(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "colours.zip"
    path.write_bytes(a_zip())
    page.get_by_role("tab", name="A zip").click()
    choose_files(page, path)
    link = page.get_by_role("link", name="Download").first
    expect(link).to_be_visible(timeout=90_000)
    with page.expect_download() as fetched:
        link.click()
    lines = fetched.value.path().read_text(encoding="utf-8").splitlines()
    assert len(lines) == 7
    assert lines[0].startswith('"path","row","label"')
    assert all(line.split(",")[2].strip('"') == line.split("/")[0].strip('"') for line in lines[1:])


def keep_picture(page: Page, name: str) -> None:
    """Keep what the page looks like, where somebody asked for it."""
    if "AIMASS_TEST_PICTURES" in os.environ:
        page.screenshot(path=Path(os.environ["AIMASS_TEST_PICTURES"]) / f"{name}.png", full_page=True)
