"""A person's browser for the journeys: Chromium without a way out, a server of its own, and pictures to look at.

As a program it takes pictures of pages of a running server, for people to look at:
    python -m tests.journeys.browser http://127.0.0.1:8501 FOLDER NAME PASSWORD PAGE[,PAGE…]
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from store.folder import lock_is_held

REPOSITORY = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    # Its own services (accounts, form filling) stay silent; what a page asks of others is still seen by `Watch`.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)  # fmt: skip
PATIENCE_S = 60.0
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
PASSWORD = "violet tram over seven lakes"
_AT_REST = """() => {
  const app = document.querySelector('[data-testid=stApp]')
  return app && app.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
}"""


@dataclass
class Watch:
    """What a browser did that it must not: requests to other hosts, faults on the console, errors of scripts."""

    strangers: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        """Listen to every page of a context."""
        context.on("request", self._asked)
        context.on("page", self._opened)

    def _asked(self, request: Request) -> None:
        host = urlsplit(request.url)
        if host.scheme in ("http", "https", "ws", "wss") and host.hostname not in ("127.0.0.1", "localhost"):
            self.strangers.append(request.url)

    def _opened(self, page: Page) -> None:
        # Streamlit asks for its health below a deep link first: two harmless 404s (PORTAL §4).
        page.on(
            "console",
            lambda said: (
                self.faults.append(said.text)
                if said.type == "error" and "_stcore" not in str(said.location)
                else None
            ),
        )
        page.on("pageerror", lambda error: self.faults.append(str(error)))


@dataclass
class Served:
    """A server of its own: where it is, and the link that makes the first administrator."""

    base: str
    setup_link: str
    process: subprocess.Popen[str]
    folder: Path


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium: the machine's own, else the one Playwright brought."""
    path = str(CHROMIUM) if CHROMIUM.exists() else None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(folder: Path, **environment: str) -> Iterator[Served]:
    """Run `aimass serve` on free ports over a data folder, until the block ends."""
    ports = (free_port(), free_port())
    command = [sys.executable, "-m", "app.cli", "serve", "--data-dir", str(folder)]
    command += ["--port", str(ports[0]), "--inference-port", str(ports[1])]
    process = subprocess.Popen(
        command, cwd=REPOSITORY, env={**os.environ, **environment}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        yield Served(
            base=f"http://127.0.0.1:{ports[0]}",
            setup_link=_setup_link(process),
            process=process,
            folder=folder,
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
        if process.stdout is not None:
            process.stdout.close()
        end_plane(folder)


def end_plane(folder: Path) -> None:
    """End the inference plane of a data folder whose server was killed: it goes on answering, as it should."""
    card = folder / "services" / ".plane.json"
    lock = folder / "services" / ".lock"
    if card.exists() and lock_is_held(lock):
        os.kill(int(json.loads(card.read_text(encoding="utf-8"))["pid"]), signal.SIGKILL)


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def choose_files(page: Page, *files: Path) -> None:
    """Choose files in our own field for uploads, as soon as it listens: it is drawn a moment before."""
    field = page.locator("input.files[accept]").first
    field.wait_for(state="attached", timeout=PATIENCE_S * 1000)
    field.set_input_files(list(files))


def settled(page: Page) -> None:
    """Wait until a page of the portal is drawn and connected."""
    page.wait_for_selector("[data-testid=stApp]", timeout=PATIENCE_S * 1000)
    page.wait_for_function(_AT_REST, timeout=PATIENCE_S * 1000)


def make_admin(page: Page, link: str, name: str = "ada", display: str = "Ada Lovelace") -> None:
    """Walk through the setup link; the page ends in the portal, signed in."""
    page.goto(link)
    page.locator("#display").fill(display)
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)
    page.locator("form button").first.click()
    settled(page)


def sign_in(page: Page, base: str, name: str = "ada", password: str = PASSWORD) -> None:
    """Sign in at the sign-in page; the page ends in the portal."""
    page.goto(f"{base}/login")
    page.locator("#name").fill(name)
    page.locator("#password").fill(password)
    page.locator("form button").first.click()
    settled(page)


def picture(page: Page, file: Path) -> None:
    """Take a picture of the whole page, however long it is."""
    width = (page.viewport_size or {"width": 1440})["width"]
    page.wait_for_function(
        "() => !document.querySelector('[data-testid=stSkeleton]')", timeout=PATIENCE_S * 1000
    )
    height = page.evaluate(
        "() => (document.querySelector('[data-testid=stMain]') || document.body).scrollHeight"
    )
    page.set_viewport_size({"width": width, "height": max(844, min(int(height) + 10, 4000))})
    page.wait_for_timeout(800)
    page.screenshot(path=file)


def _setup_link(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said, deadline = "", time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        line = process.stdout.readline()
        said += line
        if found := re.search(r"http\S+/setup/\S+", line):
            return found.group()
        if "Ctrl-C" in line or not line:
            break
    assert process.poll() is None, said
    return ""


def main(base: str, folder: str, name: str, password: str, pages: str) -> None:
    """Take pictures of pages at both sizes, in both schemes and languages."""
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    looks = [(s, c, lang) for s in SIZES for c in ("light", "dark") for lang in ("en-GB", "zh-CN")]
    with chromium() as browser:
        first = browser.new_context()
        sign_in(first.new_page(), base, name, password)
        state = first.storage_state()
        for size, scheme, language in looks:
            width, height = SIZES[size]
            context = browser.new_context(
                storage_state=state,
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                locale=language,
            )  # type: ignore[arg-type]
            for path in pages.split(","):
                page = context.new_page()
                page.goto(f"{base}/{path}")
                settled(page)
                picture(page, out / f"{path.split('?')[0] or 'home'}-{size}-{scheme}-{language[:2]}.png")
                page.close()
            context.close()


if __name__ == "__main__":
    main(*sys.argv[1:6])
