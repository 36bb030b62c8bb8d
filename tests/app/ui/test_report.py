from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.specs.run import RunPaths
from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow

SCRIPT = """
from pathlib import Path
from app.ui.report import show_report
from engine.files import read_json
from engine.specs.codec import from_json
from engine.specs.report import Report
show_report(from_json(Report, read_json(Path({path!r}))), key="r")
"""


@pytest.fixture
def changed(finished: RunPaths, tmp_path: Path) -> Path:
    """A copy of the report of a finished run, to be changed."""
    path = tmp_path / "report.json"
    path.write_bytes(finished.report.read_bytes())
    return path


def test_a_whole_report_is_drawn(draw: Draw, changed: Path) -> None:
    page = draw(SCRIPT.format(path=str(changed)))

    assert not page.exception
    assert [tab.label for tab in page.tabs] == ["Advice", "Quality", "Columns", "Models", "Data"]
    assert page.markdown[0].value.startswith("#### The model ranks")
    assert {"ROC AUC", "Issues", "Model file"} <= {metric.label for metric in page.metric}
    charts = [chart.proto.alt for chart in page.get("echarts_chart")]
    assert charts[0] == "This model beside a linear model and guessing"
    assert len(charts) == len(set(charts)) >= 5
    assert len(page.dataframe) >= 3
    facts = " ".join(text.value for text in page.markdown)
    assert "569" in facts and "Seed" in " ".join(caption.value for caption in page.caption)


def test_a_report_of_a_run_that_was_not_judged_says_only_what_is_known(draw: Draw, changed: Path) -> None:
    told = json.loads(changed.read_text())
    told |= {"evaluation": None, "importance": None, "model": None, "parity": None, "findings": []}
    changed.write_text(json.dumps(told))

    page = draw(SCRIPT.format(path=str(changed)))

    assert not page.exception
    assert not page.metric
    assert any("No finding" in caption.value for caption in page.caption)


def test_words_of_the_table_are_text(draw: Draw, changed: Path) -> None:
    told = json.loads(changed.read_text())
    told["data"]["name"] = "**bold** <b>x</b> [a](javascript:alert(1)) :red[y]"
    told["task"]["target"] = ":material/home: $x$"
    changed.write_text(json.dumps(told))

    page = draw(SCRIPT.format(path=str(changed)))

    said = " ".join(text.value for text in page.markdown)
    assert "**bold**" not in said and "](javascript" not in said and ":red[" not in said
    assert "\\*\\*bold\\*\\*" in said


def test_the_report_speaks_the_readers_language(draw: Draw, changed: Path) -> None:
    page = draw(SCRIPT.format(path=str(changed)), language="zh-CN")

    assert not any(tab.label.isascii() for tab in page.tabs)
    assert not page.markdown[0].value.isascii()


@pytest.mark.parametrize(
    ("option", "language", "place"),
    [
        ("--test-share", "en-GB", "In a run: step “Split”, “Rows for the test”."),
        ("--drop 'b'", "en-GB", "In a run: step “Features”, “Use”."),
        ("--families linear", "zh-CN", "步骤“模型”"),
        ("", "en-GB", ""),
    ],
)
def test_advice_names_the_pages_own_control(
    draw: Draw, changed: Path, option: str, language: str, place: str
) -> None:
    told = json.loads(changed.read_text())
    told["findings"] = [
        {
            "code": "AM201", "stage": "split", "severity": "tip", "title": "Few rows to test on",
            "evidence": "…", "action": "Give the test more rows, or collect more data.", "option": option,
        }
    ]  # fmt: skip
    changed.write_text(json.dumps(told))

    page = draw(SCRIPT.format(path=str(changed)), language=language)

    assert not page.exception
    (action,) = [text.value for text in page.markdown if "arrow_forward" in text.value]
    assert "--" not in action and (place in action if place else "In a run" not in action)
