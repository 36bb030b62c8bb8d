"""What more rows would bring, as people see it in a report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.specs.codec import to_json
from engine.specs.report import LeaderboardRow, Report
from tests.app.ui.conftest import Draw
from tests.engine.made_learning import learning_curve

pytestmark = pytest.mark.slow

SCRIPT = """
from pathlib import Path
from app.ui.learning import show_learning
from engine.files import read_json
from engine.specs.codec import from_json
from engine.specs.report import Report
show_learning(from_json(Report, read_json(Path({path!r}))), key="l")
"""


def test_the_curve_is_drawn_under_what_it_says(draw: Draw, tmp_path: Path) -> None:
    chosen = LeaderboardRow(id="a", family="lightgbm", title="A", stopped="early", is_chosen=True)
    report = Report(title="t", created_at="", leaderboard=(chosen,), learning=learning_curve())
    path = tmp_path / "report.json"
    path.write_text(json.dumps(to_json(report)), encoding="utf-8")

    page = draw(SCRIPT.format(path=str(path)))

    assert not page.exception
    said = " ".join(caption.value for caption in page.caption).replace("\\", "")
    assert "expected to reach about 0.93 (0.92 to 0.94)" in said and "More time would not change" in said
    assert "on 1,200 rows that none of these trainings saw" in said
    (plot,) = page.get("echarts_chart")
    assert plot.proto.alt == "ROC AUC by training rows"
    measured, expected, interval = json.loads(plot.proto.spec)["series"]
    assert measured["data"] == [[750.0, 0.78], [1500.0, 0.83], [3000.0, 0.87], [6000.0, 0.9]]
    assert expected["data"] == [[6000.0, 0.9], [12000.0, 0.93]]
    assert [x for x, _ in interval["data"]] == [12000.0, 12000.0]


def test_nothing_is_drawn_where_there_is_no_curve(draw: Draw, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(to_json(Report(title="t", created_at=""))), encoding="utf-8")
    page = draw(SCRIPT.format(path=str(path)))
    assert not page.exception and not page.caption and not page.get("echarts_chart")
