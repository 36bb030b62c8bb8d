from __future__ import annotations

import re

import pytest

from app.web import pages
from app.web.pages import render
from tests.app.web.test_visitor import STRANGER

TEMPLATES = sorted(path.name for path in pages._TEMPLATES.glob("*.html"))


def test_what_is_put_in_stays_text() -> None:
    values = {"message": "<b>bold</b>", "remedy": "", "request_id": '"><script>'}
    page = render(STRANGER, "problem.html", values, status=404)
    text = bytes(page.body).decode()
    assert page.status_code == 404
    assert "<b>bold" not in text
    assert "<script>" not in text
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_has_no_script_or_style_in_place_and_asks_no_other_host(name: str) -> None:
    text = (pages._TEMPLATES / name).read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son\w+=", text)
    assert not re.search(r"(src|href)=\"(https?:)?//", text)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_word_for_people_can_be_translated(name: str) -> None:
    if name == "api_docs.html":
        pytest.skip("the API's documentation is written in English")
    text = (pages._TEMPLATES / name).read_text("utf-8")
    without = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>|· AI Mass", "", text, flags=re.DOTALL)
    assert without.split() == []
