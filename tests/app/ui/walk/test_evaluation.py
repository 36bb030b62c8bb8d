from __future__ import annotations

import pytest

from tests.pages.conftest import OpenPage, words_on
from tests.walked import Walked

pytestmark = pytest.mark.slow


def test_there_is_nothing_to_judge_before_the_training(walked: Walked, open_page: OpenPage) -> None:
    page = open_page("walk", run=walked.prepared, step="evaluate")

    assert page.subheader[0].value == "Nothing to judge yet"
    assert page.button(key="next-train").label == "Go to the training"


@pytest.mark.parametrize(
    ("run", "figure", "charts"),
    [
        ("published", "ROC AUC", ("Actual against given answers", "Share found against false alarms")),
        ("wine", "Log loss", ("Actual against given answers", "Share found against false alarms")),
        ("diabetes", "RMSE", ("Given answers against actual values", "How often which error occurs")),
    ],
)
def test_a_report_of_each_task_is_drawn(
    walked: Walked, open_page: OpenPage, run: str, figure: str, charts: tuple[str, ...]
) -> None:
    page = open_page("walk", run=getattr(walked, run), step="evaluate")

    assert not page.exception and not page.error
    assert figure in {metric.label for metric in page.metric}
    drawn = {chart.proto.alt for chart in page.get("echarts_chart")}
    assert drawn >= {*charts, "Importance of each column"}
    said = words_on(page)
    assert "played no part in training or choosing" in said
    assert "Issue" in said
    assert page.button(key="next-publish")


def test_a_class_of_a_hostile_name_is_text(walked: Walked, open_page: OpenPage) -> None:
    page = open_page("walk", run=walked.wine, step="evaluate")

    said = words_on(page)
    assert "**red**" not in said and "](javascript" not in said
