"""The classic of the field in a real browser: handwritten digits are brought in a zip, labelled by keys, learned and
deployed; a digit that is dropped is recognised, and the model suggests labels and doubts wrong ones."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.language import translator
from store import edits
from tests.journeys.browser import (
    CHROMIUM,
    Served,
    Watch,
    choose_files,
    chromium,
    make_admin,
    served,
    settled,
)
from tests.journeys.walking import LONG_MS, Walker
from tests.pictured import digits, write_zip

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="There is no Chromium. Run: apt install chromium"),
]
#: As many as train in seconds to a model that knows digits it has not seen; 8 × 8 pixels, as scikit-learn has them.
COUNT = 240
#: What a browser does when somebody presses Ctrl+V with a picture at hand.
PASTE = """([element, encoded]) => {
  const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0))
  const held = new DataTransfer()
  held.items.add(new File([bytes], 'pasted.png', { type: 'image/png' }))
  element.dispatchEvent(new ClipboardEvent('paste', { clipboardData: held, bubbles: true, cancelable: true }))
}"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("portal") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


@pytest.fixture(scope="module")
def page(browser: Browser, portal: Served, watch: Watch) -> Page:
    """The one page of somebody who has just made the first account."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    watch.follow(context)
    opened = context.new_page()
    make_admin(opened, portal.setup_link)
    return opened


@pytest.fixture(scope="module")
def walker(page: Page, portal: Served) -> Walker:
    return Walker(page, portal.base, translator("en"))


@pytest.fixture(scope="module")
def dataset(walker: Walker, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the digits, imported."""
    zipped = write_zip(tmp_path_factory.mktemp("zip") / "digits.zip", COUNT, scale=1, broken=2)
    address = walker.bring(zipped)
    expect(walker.page.get_by_role("tab", name="Look-alikes")).to_be_visible(timeout=LONG_MS)
    return address


@pytest.fixture(scope="module")
def service(walker: Walker, dataset: str) -> str:
    """The name of a service that knows digits, after the whole walk with every button."""
    walker.open(dataset)
    return walker.learn("label", families=("small_cnn",), is_short=True)["service"].rpartition("=")[2]


def test_pictures_are_looked_at(page: Page, dataset: str) -> None:
    """Every picture of the first page has come, small; the two broken files are told with the reason."""
    expect(page.get_by_text(f"{COUNT} pictures", exact=True)).to_be_visible()
    expect(page.locator("figure")).to_have_count(60)
    page.wait_for_function(
        "() => [...document.querySelectorAll('*')].flatMap((one) => [...(one.shadowRoot?.querySelectorAll('img') "
        "?? [])]).slice(0, 20).every((image) => image.complete && image.naturalWidth === 8)"
    )
    page.get_by_role("tab", name="How it was read").click()
    expect(page.get_by_text("Files left out").first).to_be_visible()


def test_pictures_are_labelled_by_keys_alone(page: Page, portal: Served, dataset: str) -> None:
    page.get_by_role("button", name="Label", exact=True).click()
    page.wait_for_url("**/label?id=*", timeout=LONG_MS)
    settled(page)
    tiles = page.locator("figure")
    tiles.first.focus()
    page.keyboard.press("7")
    expect(word(tiles.nth(0))).to_have_text("7")
    expect(tiles.nth(1)).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("a rare one")
    page.keyboard.press("Enter")
    expect(word(tiles.nth(1))).to_have_text("a rare one")
    page.keyboard.press("x")
    expect(page.get_by_text("3 pictures changed, 1 of them left out")).to_be_visible(timeout=LONG_MS)
    page.keyboard.press("z")
    expect(page.get_by_text("of them left out")).to_have_count(0, timeout=LONG_MS)
    expect(page.get_by_text("2 pictures changed")).to_be_visible()
    settled(page)
    assert changes(portal, dataset) == ["label", "label", "exclude", "undo"]


def test_digits_that_are_dropped_are_recognised(page: Page, portal: Served, service: str) -> None:
    page.goto(f"{portal.base}/use?service={service}")
    settled(page)
    unseen = [digits(COUNT + 40, scale=1)[place] for place in (246, 273, 278)]
    dropped = [
        {"name": f"my {name}.png", "mimeType": "image/png", "buffer": content} for name, content in unseen
    ]
    dropped.append({"name": "fake.png", "mimeType": "image/png", "buffer": b"<svg/>"})
    page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(dropped)  # type: ignore[arg-type]
    assert [name for name, _content in unseen] == ["5", "7", "2"]
    for number, (name, _content) in enumerate(unseen):
        card = page.locator(f".st-key-card-picture-{service}-{number}")
        expect(card.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=LONG_MS)
        expect(card.get_by_role("img", name="How likely each answer is")).to_be_visible()
        drawing = card.get_by_role("img", name=f"my {name}.png, with the places marked")
        assert drawing.evaluate("image => image.naturalWidth") == 8
    expect(page.get_by_role("alert")).to_contain_text("This is not a picture")
    settled(page)
    keep_picture(page, "use-digits")


def test_a_digit_is_pasted(page: Page, service: str) -> None:
    box = page.locator("[data-testid=stChatInputTextArea]")
    four = base64.b64encode(dict(digits(COUNT, scale=1))["4"]).decode()
    page.evaluate(PASTE, [box.element_handle(), four])
    expect(page.get_by_text("pasted.png").first).to_be_visible(timeout=LONG_MS)
    box.press("Enter")
    expect(page.get_by_role("heading", name="4", exact=True)).to_be_visible(timeout=LONG_MS)
    settled(page)


def test_a_zip_of_digits_is_answered(page: Page, service: str, tmp_path: Path) -> None:
    page.get_by_role("tab", name="A zip").click()
    choose_files(page, write_zip(tmp_path / "more.zip", 20, scale=1))
    link = page.get_by_role("link", name="Download").first
    expect(link).to_be_visible(timeout=LONG_MS)
    with page.expect_download() as fetched:
        link.click()
    lines = fetched.value.path().read_text(encoding="utf-8").splitlines()
    assert len(lines) == 21
    assert lines[0].startswith('"path","row","label"')
    right = [line.split(",")[2].strip('"') == line.split("/")[1] for line in lines[1:]]
    assert sum(right) >= 18


def test_the_model_doubts_a_wrong_label_and_one_key_mends_it(
    page: Page, portal: Served, dataset: str, service: str
) -> None:
    """The 0 that was labelled 7 stands among the doubted ones, with what the model takes it for."""
    page.goto(dataset.replace("/dataset?", "/label?"))
    settled(page)
    page.get_by_role("button", name="Suggest labels").click()
    told = page.get_by_text(re.compile(r"^\D*\d+ labels? (is|are) doubted")).first
    expect(told).to_be_visible(timeout=LONG_MS)
    doubted = int(re.findall(r"\d+", told.inner_text())[0])
    page.get_by_role("combobox", name="Order").click()
    page.get_by_role("option", name="Doubted labels first").click()
    settled(page)
    names = [tile.get_attribute("title") or "" for tile in page.locator("figure").all()[:doubted]]
    (place,) = [at for at, name in enumerate(names) if name.endswith("/0000.png")]
    wrong = page.locator("figure").nth(place)
    expect(word(wrong)).to_have_text("7")
    expect(wrong.locator(".guess.differs")).to_have_text(re.compile(r"0 · \d+"))
    keep_picture(page, "suggestions")
    wrong.focus()
    page.keyboard.press("y")
    expect(word(wrong)).to_have_text("0")
    expect(page.get_by_text("1 picture changed")).to_be_visible(timeout=LONG_MS)
    settled(page)
    assert changes(portal, dataset) == ["label", "label", "exclude", "undo", "label"]


def test_changed_labels_become_a_version(page: Page, dataset: str) -> None:
    page.goto(dataset.replace("/dataset?", "/label?"))
    settled(page)
    page.get_by_role("button", name="Make a new version").click()
    page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    page.wait_for_url("**/dataset?id=*", timeout=LONG_MS)
    expect(page.get_by_role("heading", name="digits 2")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("A version with 3 changes to its labels")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text(f"{COUNT} pictures", exact=True)).to_be_visible(timeout=LONG_MS)
    page.get_by_role("combobox", name="Class").click()
    expect(page.get_by_role("option", name="a rare one · 1")).to_be_visible()


def test_nothing_was_asked_of_others_and_nothing_broke(watch: Watch, service: str) -> None:
    assert (watch.strangers, watch.faults) == ([], [])


def word(tile: Locator) -> Locator:
    return tile.locator(".label")


def changes(portal: Served, dataset: str) -> list[str]:
    """Return what the log of a set's labels says, oldest first."""
    log = edits.read(portal.folder / "datasets" / dataset.rpartition("=")[2] / "labels.jsonl")
    return [line.get("edit", {}).get("action", "undo") for line in log]


def keep_picture(page: Page, name: str) -> None:
    """Keep what the page looks like, where somebody asked for it."""
    if "AIMASS_TEST_PICTURES" in os.environ:
        page.screenshot(path=Path(os.environ["AIMASS_TEST_PICTURES"]) / f"{name}.png", full_page=True)
