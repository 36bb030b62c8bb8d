from __future__ import annotations

import re

import pytest

from app.web.assets import ASSETS
from tests.served import Client

pytestmark = pytest.mark.slow

CARRIED = (
    "/assets/guard.js",
    "/assets/plain.css",
    "/assets/vendor/tus/tus.min.js",
    "/assets/vendor/tus/LICENSE",
    "/assets/vendor/swagger-ui/swagger-ui-bundle.js",
    "/assets/vendor/swagger-ui/LICENSE",
    "/assets/vendor/noto-sans-sc/index.css",
    "/assets/vendor/noto-sans-sc/LICENSE",
    "/assets/brand/logo.svg",
    "/assets/brand/icon.png",
    "/favicon.ico",
)


@pytest.mark.parametrize("path", CARRIED)
def test_what_our_pages_need_is_here_for_anyone(stranger: Client, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status == 200
    assert answer.body


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../sign_in.py",
        "/assets/..%2fsign_in.py",
        "/assets/%2e%2e/sign_in.py",
        "/assets/brand/..%2f..%2fcli.py",
    ],
)
def test_nothing_beside_it_is(stranger: Client, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status in {303, 400, 404}
    assert b"import" not in answer.body


def test_every_slice_of_the_chinese_font_that_the_style_names_is_here() -> None:
    folder = ASSETS / "vendor" / "noto-sans-sc"
    named = re.findall(r"url\(\./(files/[^)]+)\)", (folder / "index.css").read_text("utf-8"))
    assert len(named) > 90
    assert [name for name in named if not (folder / name).is_file()] == []


def test_no_file_of_ours_asks_another_host() -> None:
    own = [path for path in ASSETS.iterdir() if path.suffix in {".js", ".css"}]
    assert own
    assert [path.name for path in own if re.search(r"https?://|url\(//", path.read_text("utf-8"))] == []
