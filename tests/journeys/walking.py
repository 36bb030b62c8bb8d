"""What a person does in the browser from a file to a service that answers, in either language."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from app.language import Translator
from engine.families import CATALOGUE, baseline
from tests.journeys.browser import choose_files, settled

TRAINED_MS = 300_000
LONG_MS = 60_000
_BY_DATA = "Let the data decide which kinds of model to try"
_START = "Start training"
_FOLLOWING = ("Next: split", "Next: models", _START, "Next: evaluation", "Next: publish")


@dataclass(frozen=True)
class Shown:
    """What a service's page shows for programs.   secret: the key, already in the place of KEY."""

    secret: str
    curl: str
    python: str


@dataclass
class Walker:
    """A person with one page of a browser.   said: what the buttons are called in their language."""

    page: Page
    base: str
    said: Translator

    def button(self, name: str, *, inside: Locator | None = None, exact: bool = False) -> Locator:
        """Return the button of this English name."""
        return (inside or self.page).get_by_role("button", name=self.said.text(name), exact=exact)

    def open(self, address: str) -> None:
        """Go to an address and wait until the page is drawn."""
        self.page.goto(address)
        settled(self.page)

    def walk(self, table: Path, target: str, *, families: Sequence[str] = ()) -> dict[str, str]:
        """Upload a table, train for at most a minute, publish and deploy; return the addresses of what was made.

        families: names of those that are ticked to be trained; none lets the data decide.
        """
        dataset = self.bring(table)
        return {"dataset": dataset, **self.learn(target, families=families)}

    def bring(self, file: Path) -> str:
        """Upload a file; return the address of the dataset that it becomes."""
        self.open(f"{self.base}/datasets")
        choose_files(self.page, file)
        self.page.wait_for_url("**/dataset?id=*", timeout=LONG_MS)
        return self.page.url

    def learn(self, target: str, *, families: Sequence[str] = (), is_short: bool = False) -> dict[str, str]:
        """From a dataset's page on train, publish and deploy; return the addresses of what was made.

        is_short: for half a minute, which is set by hand, instead of one.
        """
        page = self.page
        self.button("Train a model").first.click(timeout=LONG_MS)
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("combobox").first).to_have_value(target, timeout=LONG_MS)
        dialog.get_by_text(self.said.text("{m} min").format(m=1), exact=True).click()
        self.button("Start", inside=dialog).click()
        page.wait_for_url("**/walk?run=*", timeout=LONG_MS)
        run = re.search(r"run=(\w+)", page.url)
        assert run is not None
        for following in _FOLLOWING:
            if following == _START and is_short:
                self.shorten()
            if following == _START and families:
                self.tick(families)
            self.button(following).click(timeout=TRAINED_MS)
        self.button("Publish", exact=True).click(timeout=LONG_MS)
        self.button("Open the model").click(timeout=TRAINED_MS)
        page.wait_for_url("**/model?name=*", timeout=LONG_MS)
        model = page.url
        self.button("Deploy").first.click(timeout=LONG_MS)
        self.button("Deploy", inside=page.get_by_role("dialog")).click(timeout=LONG_MS)
        page.wait_for_url("**/service?name=*", timeout=LONG_MS)
        return {"run": f"{self.base}/walk?run={run.group(1)}", "model": model, "service": page.url}

    def shorten(self) -> None:
        """On the step of the models, draw the time for the run one notch down, to half a minute."""
        slider = self.page.get_by_role("slider")
        slider.press("ArrowLeft", timeout=TRAINED_MS)
        expect(slider).to_have_attribute(
            "aria-valuetext", self.said.text("{n} s").format(n=30), timeout=LONG_MS
        )

    def tick(self, families: Sequence[str]) -> None:
        """On the step of the models, choose by hand: tick these families and no others."""
        self.page.get_by_text(self.said.text(_BY_DATA)).click(timeout=TRAINED_MS)
        for member in CATALOGUE:
            card = self.page.locator(f".st-key-card-family-{member.name}")
            if member is baseline.FAMILY or not card.count():
                continue  # always trained, or of another kind of data
            box, wanted = card.get_by_role("checkbox"), member.name in families
            if wanted:
                expect(box).to_be_enabled(timeout=LONG_MS)
            if box.is_checked() != wanted:
                card.locator("label").first.click()
                expect(box).to_be_checked(checked=wanted)

    def programs(self, service: str) -> Shown:
        """Make a key on the service's page, and copy what it shows for programs."""
        page, said = self.page, self.said
        self.open(service)
        page.get_by_role("tab", name=said.text("Keys")).click()
        self.button("Make a key").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label(said.text("Who will use it")).fill("the night shift")
        self.button("Make a key", inside=dialog).click()
        secret = dialog.get_by_text(re.compile(r"^aim_\w+")).first.inner_text(timeout=LONG_MS).strip()
        self.button("I have it", inside=dialog).click()
        expect(dialog).to_be_hidden(timeout=LONG_MS)
        page.get_by_role("tab", name=said.text("From a program")).click()
        found = []
        for language in ("curl", "Python"):
            page.get_by_role("tab", name=language, exact=True).click()
            shown = page.locator("[data-testid=stCode]:visible").last.inner_text()
            assert "KEY" in shown
            found.append(shown.replace("KEY", secret))
        return Shown(secret, *found)

    def ask_in_the_form(self, service: str) -> str:
        """Ask with the form as it comes, and return the answer's label."""
        self.open(service)
        self.button("Try it").click()
        self.button("Ask", exact=True).click(timeout=LONG_MS)
        answer = self.page.locator(".st-key-card-answer h2")
        expect(answer).to_be_visible(timeout=LONG_MS)
        expect(
            self.page.get_by_text(self.said.text("What each column adds to this answer")).first
        ).to_be_visible()
        return answer.inner_text().strip()


def paste(shown: Shown, folder: Path) -> tuple[dict[str, Any], str]:
    """Run the curl and the Python program as shown; return curl's first row and what Python printed."""
    asked = subprocess.run(["bash", "-c", shown.curl], capture_output=True, text=True, check=True)
    (row,) = json.loads(asked.stdout)["rows"]
    script = folder / "ask.py"
    script.write_text(shown.python, encoding="utf-8")
    told = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    return row, told.stdout
