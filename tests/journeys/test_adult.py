"""A walk with a real table of 32,561 people, in English and in Chinese, to the same answer."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.language import translator
from tests.journeys.browser import CHROMIUM, Watch, chromium, make_admin, served
from tests.journeys.walking import Walker, paste

pytestmark = [
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="There is no Chromium. Run: apt install chromium"),
]

#: One in the ordinary suite, where test_walk.py walks in English; AIMASS_TEST_LANGUAGES=en,zh_CN walks in both.
LANGUAGES = os.environ.get("AIMASS_TEST_LANGUAGES", "zh_CN").split(",")
#: Ticked by hand: what it learns in seconds is enough for an answer, where all kinds would take the whole minute.
FAMILIES = ("decision_tree",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_of_people_becomes_a_service_that_answers(
    language: str, shared_data: Path, tmp_path: Path
) -> None:
    """Page, curl and Python tell the same for the same person, with every button in the reader's language."""
    said, watch = translator(language), Watch()
    with served(tmp_path / "data") as portal, chromium() as browser:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale=said.html_language)
        watch.follow(context)
        page = context.new_page()
        make_admin(page, portal.setup_link)
        walker = Walker(page, portal.base, said)
        service = walker.walk(shared_data / "tabular" / "adult.csv", "income", families=FAMILIES)["service"]
        shown = walker.programs(service)
        label = walker.ask_in_the_form(service)
        assert page.locator("html").get_attribute("lang") == said.html_language
        row, told = paste(shown, tmp_path)
        context.close()
    assert label in ("<=50K", ">50K")
    assert row["label"] == label
    assert json.loads(told)["rows"] == [row]
    assert watch.strangers == []
