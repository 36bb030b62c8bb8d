"""The whole walk where nothing outside can be reached, no name is known, and every packet that would leave is seen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.browser import CHROMIUM, REPOSITORY

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="There is no Chromium. Run: apt install chromium"),
]
NAMESPACE = ["unshare", "--map-root-user", "--net", "--mount"]
#: In continuous integration some libraries keep silent by themselves, which would prove nothing.
SILENCED = {
    "CI",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "BUILD_ID",
    "TF_BUILD",
    "PYTEST_CURRENT_TEST",
    "DO_NOT_TRACK",
}
ASK = "import socket; socket.getaddrinfo('example.com', 443)"


def alone(report: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a network of its own; `report` then lists what it would have sent outside."""
    return subprocess.run(
        [*NAMESPACE, sys.executable, "-m", "tests.journeys.alone", str(report), *command],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
        env={name: value for name, value in os.environ.items() if name not in SILENCED},
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def networks(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where a user may make no network of their own, and make sure that the line hears what it should."""
    for tool, package in (("unshare", "util-linux"), ("ip", "iproute2")):
        if shutil.which(tool) is None:
            pytest.skip(f"There is no {tool} to make a network of its own. Run: apt install {package}")
    report = tmp_path_factory.mktemp("alone") / "probe.json"
    probe = alone(report, sys.executable, "-c", ASK)
    if not report.is_file():
        pytest.skip(f"This machine lets nobody make a network of their own: {probe.stderr.strip()[-200:]}")
    assert "gaierror" in probe.stderr
    assert set(json.loads(report.read_text())) == {"192.0.2.53 port 53 example com"}


def test_the_walk_needs_nobody_outside_and_asks_nobody(tmp_path: Path) -> None:
    report = tmp_path / "packets.json"
    walk = f"{Path(__file__).with_name('test_walk.py')}::test_the_walk_ends_on_a_page_that_answers"
    done = alone(
        report, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", walk
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "1 passed" in done.stdout
    assert json.loads(report.read_text()) == []
