"""A person who has never trained a model walks from a file to a service that answers, and a program asks it too."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from playwright.sync_api import Error as PlaywrightError
from sklearn.datasets import load_breast_cancer

from tests.journeys.browser import CHROMIUM, PASSWORD, Served, Watch, chromium, make_admin, served, settled

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="There is no Chromium. Run: apt install chromium"),
]
AXE = Path(__file__).with_name("vendor") / "axe.min.js"
TRAINED_MS = 300_000
LONG_MS = 60_000


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
    page.goto(f"{portal.base}/datasets")
    settled(page)
    page.locator("input[type=file]").first.set_input_files(table)
    page.wait_for_url("**/dataset?id=*", timeout=LONG_MS)
    dataset = page.url
    page.get_by_role("button", name="Train a model").first.click(timeout=LONG_MS)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox").first).to_have_value("diagnosis", timeout=LONG_MS)
    dialog.get_by_text("1 min", exact=True).click()
    dialog.get_by_role("button", name="Start").click()
    page.wait_for_url("**/walk?run=*", timeout=LONG_MS)
    run = re.search(r"run=(\w+)", page.url)
    assert run is not None
    address = f"{portal.base}/walk?run={run.group(1)}"
    for following in ("Next: split", "Next: models", "Start training", "Next: evaluation", "Next: publish"):
        page.get_by_role("button", name=following).click(timeout=TRAINED_MS)
    page.get_by_role("button", name="Publish", exact=True).click(timeout=LONG_MS)
    page.get_by_role("button", name="Open the model").click(timeout=LONG_MS)
    page.wait_for_url("**/model?name=*", timeout=LONG_MS)
    model = page.url
    page.get_by_role("button", name="Deploy").first.click(timeout=LONG_MS)
    page.get_by_role("dialog").get_by_role("button", name="Deploy").click(timeout=LONG_MS)
    page.wait_for_url("**/service?name=*", timeout=LONG_MS)
    service = page.url
    page.close()
    return {"dataset": dataset, "run": address, "model": model, "service": service}


@pytest.fixture(scope="module")
def programs(admin: BrowserContext, walked: dict[str, str]) -> dict[str, str]:
    """What the service's page shows for programs, with a key made there in the place of KEY."""
    page = admin.new_page()
    page.goto(walked["service"])
    settled(page)
    page.get_by_role("tab", name="Keys").click()
    page.get_by_role("button", name="Make a key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Who will use it").fill("the night shift")
    dialog.get_by_role("button", name="Make a key").click()
    secret = dialog.get_by_text(re.compile(r"^aim_\w+")).first.inner_text(timeout=LONG_MS).strip()
    dialog.get_by_role("button", name="I have it").click()
    expect(dialog).to_be_hidden(timeout=LONG_MS)
    page.get_by_role("tab", name="From a program").click()
    found = {}
    for language in ("curl", "Python"):
        page.get_by_role("tab", name=language, exact=True).click()
        found[language] = (
            page.locator("[data-testid=stCode]:visible").last.inner_text().replace("KEY", secret)
        )
    page.close()
    return found


def test_the_walk_ends_on_a_page_that_answers(
    admin: BrowserContext, walked: dict[str, str], programs: dict[str, str], tmp_path: Path
) -> None:
    page = admin.new_page()
    page.goto(walked["service"])
    settled(page)
    page.get_by_role("button", name="Try it").click()
    page.get_by_role("button", name="Ask", exact=True).click(timeout=LONG_MS)
    answer = page.locator(".st-key-card-answer h2")
    expect(answer).to_be_visible(timeout=LONG_MS)
    label = answer.inner_text().strip()
    assert label in ("malignant", "benign")
    expect(page.get_by_text("What each column adds", exact=False).first).to_be_visible()
    page.close()

    asked = subprocess.run(["bash", "-c", programs["curl"]], capture_output=True, text=True, check=True)
    (row,) = json.loads(asked.stdout)["rows"]
    assert row["label"] == label
    script = tmp_path / "ask.py"
    script.write_text(programs["Python"], encoding="utf-8")
    told = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert label in told.stdout
    assert f"{row['probabilities'][label]:.6f}"[:6] in told.stdout


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
        lines = [line.strip() for line in told.splitlines()]
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
    programs: dict[str, str],
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
        done = subprocess.run(["bash", "-c", programs["curl"]], capture_output=True, text=True, check=False)
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


def test_nothing_was_asked_of_any_other_host(watch: Watch, walked: dict[str, str]) -> None:
    assert watch.strangers == []
    assert watch.faults == []
