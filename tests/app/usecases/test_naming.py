"""Names are slugs or plain titles; whatever could mislead, break a path or fill a page is refused or stays text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usecases.naming import MOST_TITLE_LETTERS, SLUG, checked_slug, checked_text, checked_title, slug_of
from app.usecases.refusals import Refusal


@given(st.text(max_size=300))
def test_every_title_gives_a_slug(title: str) -> None:
    assert SLUG.fullmatch(slug_of(title))
    assert checked_slug(slug_of(title)) == slug_of(title)


@pytest.mark.parametrize(
    "name", ["", "-a", "A", "a_b", "a/b", "../x", "a b", "a" * 64, "é", "a\n", "a" * 10_000, None, 7]
)
def test_what_is_no_slug_is_refused_with_an_example(name: object) -> None:
    with pytest.raises(Refusal) as caught:
        checked_slug(name)
    assert "Use a name such as" in caught.value.remedy
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    "title", ["Churn 2024", "客户流失 ❤", "<b>bold</b>", "  padded  ", "../../etc/passwd"]
)
def test_titles_stay_the_text_they_are(title: str) -> None:
    assert checked_title(title) == title.strip()


@pytest.mark.parametrize(
    "title",
    ["", "   ", "a\x00b", "a\x1bb", "two\nlines", "\u202egnp.exe", "x" * (MOST_TITLE_LETTERS + 1), None, 3],
)
def test_titles_that_mislead_or_flood_are_refused(title: object) -> None:
    with pytest.raises(Refusal):
        checked_title(title)


def test_descriptions_may_have_lines_and_may_be_empty() -> None:
    assert checked_text("one\r\ntwo\n") == "one\ntwo"
    assert checked_text("") == ""
    with pytest.raises(Refusal, match="at most 5,000"):
        checked_text("x" * 10_000)
