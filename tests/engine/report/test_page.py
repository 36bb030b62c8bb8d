"""The page is whole, asks for nothing, and shows hostile names as the text they are."""

from __future__ import annotations

import html.parser
import re
from dataclasses import fields, replace

import pytest

from engine.report.page import render_report
from engine.specs.report import ColumnFacts, Report

pytestmark = pytest.mark.slow

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Reader(html.parser.HTMLParser):
    """Collects tags and attributes, and checks that what is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def test_hostile_names_are_shown_as_text(report: Report, hostile: str) -> None:
    page = render_report(report)
    reader = read(page)
    assert "script" not in reader.tags and "<script" not in page
    assert reader.text.count(hostile) >= 12
    assert not {name for name in reader.attributes if name.startswith("on")}


def test_nothing_is_asked_of_another_computer(report: Report, regression_report: Report) -> None:
    for page in (render_report(report), render_report(regression_report)):
        assert (
            "http://" not in page and "https://" not in page and "//" not in re.sub(r"<!--.*?-->", "", page)
        )
        reader = read(page)
        assert not reader.tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
        assert not reader.attributes & {"src", "href", "srcset", "action", "xlink:href"}
        assert "url(" not in page and "@import" not in page
        assert "default-src 'none'" in page


def test_the_verdict_comes_first_in_plain_words(report: Report, regression_report: Report) -> None:
    text = read(render_report(report)).text
    assert re.search(r"The model ranks \d\d\.\d % of pairs right; guessing gets 50\.0 %\.", text)
    assert "One issue should be looked at before using it." in re.sub(r"\s+", " ", text)
    text = read(render_report(regression_report)).text
    assert re.search(r"Answers are typically off by [\d.]+; guessing is off by", text)


def test_every_part_may_be_missing(report: Report) -> None:
    bare = Report(title="t", created_at="now")
    assert "This run has no model yet." in read(render_report(bare)).text
    for field in fields(Report):
        if field.name not in ("title", "created_at", "version"):
            read(render_report(replace(report, **{field.name: getattr(bare, field.name)})))


@pytest.mark.parametrize("name", ["a\x00b", "\ud800", "\u202egnp.exe", "a\x1b[31m"])
def test_letters_that_deceive_or_break_are_replaced(report: Report, name: str) -> None:
    page = render_report(replace(report, title=name))
    page.encode()
    assert name not in page and "\N{REPLACEMENT CHARACTER}" in page


def test_ten_thousand_columns_stay_readable(report: Report) -> None:
    column = report.columns[0]
    many = tuple(replace(column, name=f"c{i}") for i in range(10_000))
    page = render_report(replace(report, columns=many))
    assert "9800 more columns" in page and len(page) < 1_000_000
    assert isinstance(many[0], ColumnFacts)


def test_the_same_report_gives_the_same_page(report: Report) -> None:
    assert render_report(report) == render_report(report)
