from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.files import write_json
from engine.specs.codec import to_json
from engine.specs.report import Report
from tests.app.ui.conftest import Draw
from tests.engine.report.test_picture_view import FOUND, HOSTILE

pytestmark = pytest.mark.slow

SCRIPT = """
from pathlib import Path
from app.ui.picture_findings import show_pictures
from engine.files import read_json
from engine.report.picture_view import picture_view
from engine.specs.codec import from_json
from engine.specs.report import Report
show_pictures(picture_view(from_json(Report, read_json(Path({path!r})))), key="p")
"""
REPORT = """
from pathlib import Path
from app.ui.report import show_report
from engine.files import read_json
from engine.specs.codec import from_json
from engine.specs.report import Report
show_report(from_json(Report, read_json(Path({path!r}))), key="r")
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "report.json"
    write_json(path, to_json(Report(title="t", created_at="2026-01-02T03:04:05+00:00", pictures=FOUND)))
    return path


def test_every_part_is_drawn_with_its_pictures(draw: Draw, written: Path) -> None:
    page = draw(SCRIPT.format(path=str(written)))

    assert not page.exception
    assert [heading.value for heading in page.subheader] == [
        "Worst mistakes",
        "Classes that are mixed up",
        "Labels that may be wrong",
        "Look-alikes with different labels",
        "How it holds on worse pictures",
        "Where the model looks",
    ]
    addresses = [image.url for element in page.get("image") for image in element.proto.imgs]
    assert addresses.count("data:image/jpeg;base64,/9j/AA==") >= 25
    assert sum(address.startswith("data:image/svg+xml") for address in addresses) == 3
    assert page.dataframe[0].value.iloc[0].tolist()[:4] == ["darker", "89.0 %", "▼ 60.0 %", "–"]
    assert "There was no time to try every change" in page.caption[0].value


def test_names_from_the_data_are_text(draw: Draw, written: Path) -> None:
    page = draw(SCRIPT.format(path=str(written)))

    captions = [caption.value for caption in page.caption]
    assert not page.get("html")
    assert not any(HOSTILE in caption for caption in captions)
    assert any("script" in caption and "\\" in caption for caption in captions)


def test_it_is_told_in_chinese(draw: Draw, written: Path) -> None:
    page = draw(SCRIPT.format(path=str(written)), language="zh-CN")

    assert page.subheader[0].value == "最严重的错误"
    assert page.dataframe[0].value.iloc[0].tolist()[0] == "变暗"
    assert any("标签：cat" in caption.value for caption in page.caption)


def test_only_a_report_with_pictures_has_their_tab(draw: Draw, written: Path) -> None:
    page = draw(REPORT.format(path=str(written)))
    assert not page.exception
    assert [tab.label for tab in page.tabs][-1] == "Pictures"

    written.write_text(json.dumps(json.loads(written.read_text()) | {"pictures": None}))
    page = draw(REPORT.format(path=str(written)))
    assert not page.exception
    assert "Pictures" not in [tab.label for tab in page.tabs]
