"""A person who has never trained a model walks from a file to a service that answers, and a program asks it too."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from playwright.sync_api import Error as PlaywrightError
from sklearn.datasets import load_breast_cancer

from app.language import translator
from tests.journeys.browser import CHROMIUM, PASSWORD, Served, Watch, chromium, make_admin, served, settled
from tests.journeys.walking import LONG_MS, Shown, Walker, paste
from tests.secrets_in import find_secrets

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="There is no Chromium. Run: apt install chromium"),
]
#: A Python that finds this folder first writes down whom it speaks to.
WATCHING = Path(__file__).with_name("watching")
AXE = Path(__file__).with_name("vendor") / "axe.min.js"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """569 rows of 8 measurements and a diagnosis."""
    found = load_breast_cancer()
    path = tmp_path_factory.mktemp("table") / "tumours.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        names = [name.replace("mean ", "").replace(" ", "_") for name in found.feature_names[:8]]
        writer.writerow([*names, "diagnosis"])
        for row, label in zip(found.data, found.target, strict=True):
            writer.writerow([*row[:8], found.target_names[label]])
    return path


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("portal")
    with served(folder / "data", PYTHONPATH=str(WATCHING), AIMASS_WATCH=str(folder / "asked.txt")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


@pytest.fixture(scope="module")
def admin(browser: Browser, portal: Served, watch: Watch) -> BrowserContext:
    """A browser in which the first account was made by the setup link."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    watch.follow(context)
    page = context.new_page()
    make_admin(page, portal.setup_link)
    page.close()
    return context


@pytest.fixture(scope="module")
def walked(admin: BrowserContext, portal: Served, table: Path) -> dict[str, str]:
    """The addresses of everything that a walk from upload to service leaves."""
    page = admin.new_page()
    found = Walker(page, portal.base, translator("en")).walk(table, "diagnosis")
    page.close()
    return found


@pytest.fixture(scope="module")
def programs(admin: BrowserContext, portal: Served, walked: dict[str, str]) -> Shown:
    """What the service's page shows for programs, with a key made there."""
    page = admin.new_page()
    found = Walker(page, portal.base, translator("en")).programs(walked["service"])
    page.close()
    return found


def test_the_walk_ends_on_a_page_that_answers(
    admin: BrowserContext, portal: Served, walked: dict[str, str], programs: Shown, tmp_path: Path
) -> None:
    page = admin.new_page()
    label = Walker(page, portal.base, translator("en")).ask_in_the_form(walked["service"])
    page.close()
    assert label in ("malignant", "benign")
    row, told = paste(programs, tmp_path)
    assert row["label"] == label
    assert json.loads(told)["rows"] == [row]


def test_any_step_is_found_again_by_its_address_in_another_browser(
    browser: Browser, portal: Served, walked: dict[str, str], watch: Watch
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    watch.follow(context)
    page = context.new_page()
    page.goto(f"{walked['run']}&step=evaluate")
    assert "/login" in page.url
    page.locator("#name").fill("ada")
    page.locator("#password").fill(PASSWORD)
    page.locator("form button").first.click()
    settled(page)
    expect(page.get_by_text("of pairs right", exact=False).first).to_be_visible(timeout=LONG_MS)
    context.close()


def pages_of(walked: dict[str, str], base: str) -> dict[str, str]:
    service = walked["service"].split("name=")[1]
    steps = {
        f"walk-{step}": f"{walked['run']}&step={step}"
        for step in ("features", "split", "models", "train", "evaluate", "publish")
    }
    lists = {
        name: f"{base}/{name}"
        for name in ("datasets", "runs", "models", "services", "jobs", "system", "account")
    }
    places = {"home": base, "use": f"{base}/use?service={service}", "api": f"{base}/api/docs"}
    return {**places, **lists, **walked, **steps}


def test_no_page_has_a_serious_fault_for_those_who_see_or_move_less(
    admin: BrowserContext, portal: Served, walked: dict[str, str]
) -> None:
    faults: dict[str, list[str]] = {}
    page = admin.new_page()
    for name, address in pages_of(walked, portal.base).items():
        if name == "api":
            continue  # swagger-ui's own page
        page.goto(address)
        settled(page)
        page.wait_for_timeout(500)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("async () => (await axe.run(document)).violations")
        grave = [
            f"{one['id']}: {one['nodes'][0]['html'][:160]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        if grave:
            faults[name] = grave
    page.close()
    assert faults == {}


def test_every_page_speaks_chinese(
    browser: Browser, portal: Served, walked: dict[str, str], admin: BrowserContext, watch: Watch
) -> None:
    """Whatever a Chinese reader sees is told in Chinese, but names of data, metrics and libraries."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", storage_state=admin.storage_state()
    )
    watch.follow(context)
    page = context.new_page()
    english: dict[str, list[str]] = {}
    for name, address in pages_of(walked, portal.base).items():
        if name == "api":
            continue
        page.goto(address)
        settled(page)
        page.wait_for_timeout(500)
        assert page.locator("html").get_attribute("lang") == "zh-CN"
        told = page.locator("[data-testid=stApp]").inner_text()
        # Commands are the same in every language.
        commands = "\n".join(page.locator("pre").all_inner_texts())
        lines = [line.strip() for line in told.splitlines() if line not in commands]
        foreign = [line for line in lines if re.search(r"\b[a-z]{3,}\b( \b[a-z]{2,}\b){2,}", line)]
        if foreign:
            english[name] = foreign[:5]
    context.close()
    assert english == {}


def test_the_api_page_needs_nobody_else(admin: BrowserContext, portal: Served) -> None:
    page = admin.new_page()
    page.goto(f"{portal.base}/api/docs")
    expect(page.get_by_text("/v1/datasets", exact=False).first).to_be_visible(timeout=LONG_MS)
    page.close()


def test_a_restart_of_the_portal_leaves_the_service_answering_and_the_session_open(
    admin: BrowserContext,
    portal: Served,
    walked: dict[str, str],
    programs: Shown,
    watch: Watch,
) -> None:
    """SIGHUP restarts the portal in place: the inference plane is another process and is not touched."""
    before = len(watch.faults)
    page = admin.new_page()
    page.goto(walked["service"])
    settled(page)
    portal.process.send_signal(signal.SIGHUP)
    answers = []
    ended = time.monotonic() + LONG_MS / 1000
    was_away = False
    while time.monotonic() < ended:
        done = subprocess.run(["bash", "-c", programs.curl], capture_output=True, text=True, check=False)
        answers.append('"label"' in done.stdout)
        try:
            is_ready = admin.request.get(f"{portal.base}/healthz").ok
        except PlaywrightError:
            is_ready = False
        was_away = was_away or not is_ready
        if was_away and is_ready:
            break
    assert was_away and is_ready
    assert all(answers) and len(answers) > 1
    page.reload()
    settled(page)
    expect(page.get_by_role("tab", name="Keys")).to_be_visible(timeout=LONG_MS)
    page.close()
    del watch.faults[before:]  # while the server was away, the browser said so


def test_nothing_was_asked_of_any_other_host(portal: Served, watch: Watch, walked: dict[str, str]) -> None:
    assert watch.strangers == []
    assert watch.faults == []
    lines = (portal.folder.parent / "asked.txt").read_text(encoding="utf-8").splitlines()
    assert any("socket.connect" in line for line in lines)  # the portal has asked its inference plane
    assert {line.partition("\t")[0] for line in lines} <= {"127.0.0.1", "::1", "localhost"}, lines


def test_the_data_folder_holds_no_secret_in_clear(
    admin: BrowserContext, portal: Served, programs: Shown
) -> None:
    secrets = [portal.setup_link.rpartition("/")[2], PASSWORD, programs.secret]
    secrets += [cookie["value"] for cookie in admin.cookies() if len(cookie["value"]) > 10]
    assert len(secrets) > 3
    assert find_secrets(portal.folder, secrets) == []
