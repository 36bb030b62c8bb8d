from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.evaluation.evaluate import evaluate
from engine.evaluation.margins import fit_margins
from engine.files import write_json
from engine.specs.codec import to_json
from engine.specs.report import Report
from engine.specs.run import RunPaths
from engine.specs.training import TaskSpec
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


def test_how_sure_a_number_is_stands_beside_its_errors(draw: Draw, tmp_path: Path) -> None:
    y = np.random.default_rng(0).normal(size=100)
    task = TaskSpec(target="t", task="regression", metric="rmse")
    answers = np.zeros((100, 1))
    found = evaluate(
        task, y, {"chosen": answers, "baseline": answers}, margins=fit_margins(y, answers), seed=0
    )
    report = Report(title="t", created_at="", task=task, evaluation=found)
    write_json(tmp_path / "report.json", to_json(report))

    page = draw(SCRIPT.format(path=str(tmp_path / "report.json")))

    assert not page.exception and found.coverage is not None
    said = " ".join(one.value for one in (*page.subheader, *page.caption, *page.markdown, *page.text))
    assert "How sure an answer is" in said and "promise to hold 90" in said
