"""A report, whole or nearly empty, as JSON and back."""

from __future__ import annotations

import json

import pytest

from engine.errors import InvalidSpec
from engine.specs.codec import from_json, to_json
from engine.specs.dataset import ImportSummary
from engine.specs.report import (
    ColumnFacts,
    DataFacts,
    LeaderboardRow,
    ModelFile,
    ParityResult,
    Report,
    RunSettings,
)
from engine.specs.split import Leak, SplitSpec, SplitSummary
from engine.specs.training import TaskSpec

EMPTY = Report(title="数据", created_at="2026-01-01T00:00:00+00:00")
WHOLE = Report(
    title="<b>",
    created_at="2026-01-01T00:00:00+00:00",
    task=TaskSpec(target="y", task="binary", metric="roc_auc", classes=("no", "是")),
    data=DataFacts(name="d.csv", rows=10, columns=2, sha256="ab"),
    imported=ImportSummary(format="csv", bytes=1, rows_read=10, rows_imported=10, rows_rejected=0),
    columns=(
        ColumnFacts(
            name="c", semantic="text", missing_share=0.5, distinct=2, used=True, reason="r", loss=0.25
        ),
    ),
    split=SplitSpec(splitter="random"),
    divided=SplitSummary(rows={"train": 8}),
    leaks=(Leak(column="c", kind="copy", score=1.0, message="m"),),
    leaderboard=(
        LeaderboardRow(id="1", family="linear", title="L", params={"c": 1.0, "l1": None}, score=0.5),
        LeaderboardRow(id="2", family="svm", title="S", refused="Too many rows."),
    ),
    parity=ParityResult(rows=5, max_difference=1e-7, tolerance=1e-5, passed=True),
    model=ModelFile(name="model.onnx", size_bytes=3, sha256="cd", inputs={"c": "string"}),
    settings=RunSettings(seed=0, time_limit_s=60.0, elapsed_s=12.5, families=("linear",)),
)


@pytest.mark.parametrize("report", [EMPTY, WHOLE], ids=["empty", "whole"])
def test_it_is_read_back_as_it_was_written(report: Report) -> None:
    assert from_json(Report, json.loads(json.dumps(to_json(report), allow_nan=False))) == report


def test_a_refused_candidate_has_no_figures() -> None:
    assert {WHOLE.leaderboard[1].score, WHOLE.leaderboard[1].seconds, WHOLE.leaderboard[1].rows} == {None}


def test_a_wrong_field_is_named_with_its_place() -> None:
    wrong = to_json(WHOLE)
    wrong["leaderboard"][1]["score"] = "high"
    with pytest.raises(InvalidSpec, match=r"Report\.leaderboard\[1\]\.score"):
        from_json(Report, wrong)
