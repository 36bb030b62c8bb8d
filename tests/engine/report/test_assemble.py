"""The report and the model card say what the run folder holds."""

from __future__ import annotations

import pytest

from engine.files import read_json
from engine.report.assemble import input_facts, picture_facts
from engine.serving.model import ServedModel
from engine.specs.codec import from_json
from engine.specs.profile import ColumnProfile, Profile
from engine.specs.report import Report
from engine.specs.run import RunPaths

pytestmark = pytest.mark.slow


def test_the_report_is_whole(finished: RunPaths) -> None:
    report = from_json(Report, read_json(finished.report))
    assert report.data is not None and report.data.rows == 569
    assert report.evaluation is not None and report.importance is not None
    assert report.divided is not None and sum(report.divided.rows.values()) == 569
    assert report.settings is not None and set(report.settings.steps) >= {"Import", "Training", "Evaluation"}
    assert (
        report.parity is not None
        and report.parity.passed
        and report.parity.rows == 569 - report.evaluation.rows
    )
    assert report.model is not None and report.model.size_bytes == finished.model.stat().st_size


def test_every_column_has_a_reason(finished: RunPaths) -> None:
    report = from_json(Report, read_json(finished.report))
    assert len(report.columns) == 16
    reasons = {column.name: column.reason for column in report.columns}
    assert reasons["finding"] == "The target." and all(reasons.values())
    assert report.model is not None
    assert {column.name for column in report.columns if column.used} == set(report.model.inputs)


def test_the_leaderboard_marks_what_is_published(finished: RunPaths) -> None:
    report = from_json(Report, read_json(finished.report))
    chosen = [row for row in report.leaderboard if row.is_chosen]
    assert abs(sum(row.weight or 0 for row in chosen) - 1.0) < 1e-9
    assert {row.family for row in report.leaderboard} == {"baseline", "linear", "decision_tree"}


def test_the_judges_are_all_rows_but_the_tests(finished: RunPaths) -> None:
    report = from_json(Report, read_json(finished.report))
    assert report.evaluation is not None and report.judges is not None
    assert (report.judges.folds, report.judges.rows) == (5, 569 - report.evaluation.rows)
    assert all(len(row.fold_scores) == 5 for row in report.leaderboard if row.refused is None)
    assert "in validation decides (5-fold cross-validation" in finished.report_page.read_text()


def test_the_card_repeats_the_report(finished: RunPaths) -> None:
    report = from_json(Report, read_json(finished.report))
    card = ServedModel.open(finished.model).card
    assert report.evaluation is not None and report.data is not None
    assert {m.name: m.value for m in card.metrics} == {s.name: s.value for s in report.evaluation.scores}
    assert card.dataset.sha256 == report.data.sha256 and card.title == report.title
    assert card.dataset.test_rows == report.evaluation.rows


def test_the_card_knows_what_a_form_needs(finished: RunPaths) -> None:
    model = ServedModel.open(finished.model)
    facts = {entry.name: entry for entry in model.card.inputs}
    assert set(facts) == set(model.inputs)
    ward = facts["ward"]
    assert set(ward.choices) == {"北", "south", "it's"} and ward.complete and not ward.has_missing
    radius = facts["mean radius"]
    assert radius.low is not None and radius.median is not None and radius.high is not None
    assert 6 < radius.low < radius.median < radius.high < 29 and radius.choices == ()


def test_long_and_many_values_are_no_choices() -> None:
    values = tuple((f"value {number}" if number else "x" * 81, 5) for number in range(40))
    facts = input_facts(
        ColumnProfile(name="c", rows=200, missing=3, distinct=40, top_values=values, mean_length=7.0)
    )
    assert facts.choices == tuple(f"value {number}" for number in range(1, 31))
    assert not facts.complete and facts.has_missing and facts.low is None


def test_pictures_are_usually_as_large_as_their_medians() -> None:
    sides = tuple(
        ColumnProfile(name=name, rows=3, missing=0, distinct=2, quantiles={"0.5": side})
        for name, side in (("width", 500.0), ("height", 375.0))
    )
    facts = picture_facts("image", Profile(rows=3, duplicate_rows=0, columns=sides))
    assert (facts.name, facts.width, facts.height) == ("image", 500.0, 375.0)
    unknown = picture_facts("image", Profile(rows=3, duplicate_rows=0, columns=()))
    assert (unknown.width, unknown.height) == (None, None)
