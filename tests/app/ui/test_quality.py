from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.files import write_json
from engine.specs.run import RunPaths
from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow

SCRIPT = """
from pathlib import Path
from app.ui.quality import show_quality
from engine.files import read_json
from engine.specs.codec import from_json
from engine.specs.report import Report
show_quality(from_json(Report, read_json(Path({path!r}))).evaluation, key="q")
"""


@pytest.fixture
def told(finished: RunPaths) -> Any:
    """The report of a finished run with two classes, as JSON."""
    return json.loads(finished.report.read_text(encoding="utf-8"))


def test_a_model_of_two_classes_has_its_four_plots_and_all_figures(
    draw: Draw, told: Any, tmp_path: Path
) -> None:
    write_json(tmp_path / "report.json", told)

    page = draw(SCRIPT.format(path=str(tmp_path / "report.json")))

    assert not page.exception
    assert {chart.proto.alt for chart in page.get("echarts_chart")} == {
        "Actual against given answers",
        "Share found against false alarms",
        "Promised probabilities against what came true",
        "Precision against recall",
    }
    assert len(page.dataframe[0].value) == len(told["evaluation"]["scores"])


def test_of_many_classes_the_most_frequent_are_drawn_in_their_order(
    draw: Draw, told: Any, tmp_path: Path
) -> None:
    many = [f"**c{number:02d}**" for number in range(30)]
    counts = [[number if actual == number else 0 for number in range(30)] for actual in range(30)]
    told["evaluation"]["confusion"] |= {"classes": many, "counts": counts}
    write_json(tmp_path / "report.json", told)

    page = draw(SCRIPT.format(path=str(tmp_path / "report.json")))

    assert not page.exception
    plot = next(one for one in page.get("echarts_chart") if one.proto.alt.startswith("Actual against"))
    assert json.loads(plot.proto.spec)["xAxis"]["data"] == many[18:]
