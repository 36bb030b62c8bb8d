"""What the page is given: bounded, placed inside the strips, and honest about chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.evaluation.evaluate import evaluate
from engine.evaluation.thresholds import choose_threshold
from engine.report.view import MOST_CLASSES, bounds_in_words, calibration_in_words, threshold_in_words, view
from engine.specs.evaluation import Comparison, Interval
from engine.specs.report import Judges, Report
from engine.specs.training import TaskSpec
from engine.specs.wording import figure, share

pytestmark = pytest.mark.slow


def test_rivals_stand_in_order_of_their_scores(report: Report, regression_report: Report) -> None:
    for found in (view(report), view(regression_report)):
        places = [rival.place for rival in found.rivals]
        by_value = [rival.place for rival in sorted(found.rivals, key=lambda rival: rival.value)]
        assert sorted(places) == by_value and 0.0 < min(places) <= max(places) < 100.0
        first = found.rivals[0]
        assert first.low is not None and first.high is not None and first.low <= first.place <= first.high


def test_a_gain_that_may_be_chance_is_called_so(report: Report) -> None:
    assert report.evaluation is not None
    chance = Comparison(other="baseline", gain=0.01, interval=Interval(low=-0.01, high=0.03))
    weak = replace(report, evaluation=replace(report.evaluation, comparisons=(chance,)))
    assert view(weak).verdict.endswith("That may be chance.")
    assert "chance" not in view(report).verdict


@pytest.mark.parametrize(
    ("judges", "words"),
    [
        (Judges(rows=712, folds=5), "5-fold cross-validation, 712 rows"),
        (Judges(rows=6_000), "6,000 validation rows"),
        (None, "validation rows"),
    ],
)
def test_who_judged_the_models_is_said(report: Report, judges: Judges | None, words: str) -> None:
    assert view(replace(report, judges=judges)).judges == words


def test_many_classes_show_the_most_frequent() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 30, 900).astype(float)
    scores = rng.dirichlet(np.ones(30), 900)
    task = TaskSpec(
        target="t", task="multiclass", metric="accuracy", classes=tuple(f"k{i}" for i in range(30))
    )
    found = view(
        Report(
            title="t",
            created_at="",
            task=task,
            evaluation=evaluate(task, y, {"chosen": scores, "baseline": scores}),
        )
    )
    assert found.confusion is not None
    assert len(found.confusion["labels"]) == MOST_CLASSES and found.confusion["hidden"] == 30 - MOST_CLASSES


def test_a_log_loss_is_told_as_the_share_of_right_answers() -> None:
    y = np.array([0.0, 1.0, 2.0] * 40)
    scores = np.full((120, 3), 0.2) + 0.4 * np.eye(3)[y.astype(int)]
    task = TaskSpec(target="t", task="multiclass", metric="log_loss", classes=("a", "b", "c"))
    guess = np.full((120, 3), 1 / 3)
    evaluation = evaluate(task, y, {"chosen": scores, "baseline": guess})
    found = view(Report(title="t", created_at="", task=task, evaluation=evaluation))
    assert "right class in 100" in found.verdict and found.headline is not None
    assert found.headline.name == "accuracy" and found.deciding is not None
    assert found.deciding.name == "log_loss" and found.rivals[0].value == found.headline.value


def test_a_chosen_threshold_is_drawn_and_said() -> None:
    rng = np.random.default_rng(3)
    y = (rng.random(400) < 0.2).astype(float)
    p = np.clip(0.15 + 0.25 * y + 0.1 * rng.normal(size=400), 0.0, 1.0)
    task = TaskSpec(target="t", task="binary", metric="f1", classes=("no", "yes"))
    answers = {"chosen": np.column_stack((1 - p, p)), "baseline": np.full((400, 2), 0.5)}
    thresholds = {"chosen": choose_threshold(task, y, answers["chosen"])}
    evaluation = evaluate(task, y, answers, thresholds=thresholds)
    plot = view(Report(title="t", created_at="", task=task, evaluation=evaluation)).plots[0]
    assert evaluation.threshold is not None
    assert [line.label for line in plot.lines] == ["test rows", "rows it was chosen on"]
    upright = [point.split(",") for point in plot.guide.split()]
    assert upright[0][0] == upright[1][0] and plot.kind == "threshold"
    assert plot.note.startswith(
        f"The answer is 'yes' where its probability is above {share(evaluation.threshold.value)}."
    )
    assert figure(evaluation.threshold.at_half) in plot.note
    assert threshold_in_words(replace(evaluation, threshold=None)) == ""


def test_a_temperature_is_told_beside_the_calibration(report: Report) -> None:
    assert report.evaluation is not None and report.evaluation.calibration is not None
    plain = calibration_in_words(report.evaluation.calibration)
    bolder, tamer = (
        calibration_in_words(replace(report.evaluation.calibration, temperature=one)) for one in (0.5, 1.25)
    )
    assert bolder.startswith(plain) and "bolder" in bolder and "0.50" in bolder
    assert "tamer" in tamer and "1.25" in tamer


def test_what_bounds_promise_and_hold_is_said(report: Report, regression_report: Report) -> None:
    assert regression_report.evaluation is not None and report.evaluation is not None
    held = regression_report.evaluation.coverage
    assert held is not None
    said = view(regression_report).bounds
    assert "promise to hold 90.0 % of the rows" in said
    assert f"they hold {share(held.share)}" in said and figure(held.mean_width) in said
    assert view(report).bounds == bounds_in_words(report.evaluation) == ""


def test_an_empty_report_has_an_empty_view() -> None:
    found = view(Report(title="t", created_at=""))
    assert found.rivals == found.plots == found.slices == () and found.importance is None
