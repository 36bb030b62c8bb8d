"""A service of pictures: a place to give them instead of a form, a zip instead of a table, programs that work."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from app.usecases import services
from app.usecases.person import Person
from app.wiring import Appliance
from tests.colours import answered, deploy_colours
from tests.engine.published_pictures import COLOURS
from tests.pages.conftest import OpenPage, words_on

pytestmark = pytest.mark.slow


@pytest.fixture
def colours(box: Appliance, ada: Person, picture_model_bytes: bytes) -> str:
    return deploy_colours(box, ada, picture_model_bytes)


def test_the_page_takes_pictures_and_no_rows(colours: str, open_page: OpenPage) -> None:
    page = open_page("use", service=colours)

    assert not page.exception
    assert not page.number_input and not page.text_input
    assert [one.label for one in page.get("file_uploader")] == ["Pictures"]
    assert [tab.label for tab in page.tabs[:3]] == ["Pictures", "A zip", "From a program"]
    assert "the answer stands here" in words_on(page)


@pytest.mark.parametrize("language", ["curl", "python"])
def test_what_is_pasted_is_answered(box: Appliance, ada: Person, colours: str, language: str) -> None:
    if language == "curl" and shutil.which("curl") is None:
        pytest.skip("There is no curl.")
    with answered(box) as beside:
        view = services.get_service(beside, ada, colours)
        key = services.create_key(beside, ada, colours, title="test").secret
        services.mirror_keys(beside)
        text = services.snippets(view, key)[language]
        program = ["bash", "-c", text] if language == "curl" else [sys.executable, "-c", text]
        for _attempt in range(20):  # the plane learns of a new key within a moment
            done = subprocess.run(program, capture_output=True, text=True, check=True, timeout=30)
            if "rows" in done.stdout:
                break
    assert json.loads(done.stdout)["rows"][0]["label"] in COLOURS


def test_the_service_tells_how_large_pictures_are_and_not_their_bytes(
    colours: str, open_page: OpenPage
) -> None:
    page = open_page("service", name=colours)

    assert not page.exception
    reads = next(table.value for table in page.dataframe if "image" in list(table.value.iloc[:, 0]))
    assert reads.iloc[0].tolist()[:3] == ["image", "image", "20 × 12"]
