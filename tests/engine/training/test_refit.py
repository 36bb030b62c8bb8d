"""The chosen model is trained on more rows, with what was found before, and keeps its honest score."""

from __future__ import annotations

import time
from typing import Any

import pytest

from engine.families.base import Budget
from engine.specs.training import Candidate, ModelRecord, SelectedModel, Selection
from engine.training.holdout import train_one
from engine.training.refit import refit, refitted
from engine.training.workshop import Workshop, read_record
from tests.engine.training.made_run import TASK, MadeRun, make_run

BOOSTED = Candidate(
    id="boosted",
    family="lightgbm",
    params={
        "rounds": 300, "learning_rate": 0.1, "leaves": 7, "rows_per_leaf": 10, "column_share": 1.0,
        "row_share": 1.0, "l1": 0.0, "l2": 1.0, "patience": 10, "random_cuts": False,
    },
)  # fmt: skip
MACHINE = Candidate(id="machine", family="svm", params={"cost": 1.0, "reach": 1.0})
CHOSEN = Selection(members=(SelectedModel(candidate="boosted", weight=0.7),), score=0.9)


@pytest.fixture
def run(tmp_path_factory: pytest.TempPathFactory) -> MadeRun:
    return make_run(tmp_path_factory.mktemp("run"))


def workshop(run: MadeRun) -> Workshop:
    return Workshop(
        task=TASK, features=run.features, models=run.models, seed=0, threads=1, clock=time.monotonic
    )


def trained(run: MadeRun, candidate: Candidate) -> ModelRecord:
    budget = Budget(60.0, time.monotonic)
    record = train_one(candidate, workshop(run), budget, lambda _: None)
    assert record is not None
    return record


def test_it_reads_validation_rows_too_and_keeps_score_and_rounds(run: MadeRun) -> None:
    record = trained(run, BOOSTED)
    chosen = refit(CHOSEN, [record], workshop(run), Budget(60.0, time.monotonic), lambda _: None)
    (member,) = chosen.members
    again = read_record(run.models / member.candidate)
    assert again is not None
    assert member.weight == 0.7
    assert (record.rows, again.rows) == (300, 390)
    assert (again.score, again.metrics) == (record.score, record.metrics)
    assert again.notes["rounds"] == record.notes["rounds"] == refitted(record).params["rounds"] < 300


def test_a_finished_one_is_not_trained_again(run: MadeRun) -> None:
    record = trained(run, BOOSTED)
    events: list[dict[str, Any]] = []
    for _ in range(2):
        refit(CHOSEN, [record], workshop(run), Budget(60.0, time.monotonic), events.append)
    assert [e["event"] for e in events if e["event"] != "model_progress"] == [
        "model_started", "model_finished", "model_kept",
    ]  # fmt: skip


def test_without_time_the_first_one_stays(run: MadeRun) -> None:
    record = trained(run, BOOSTED)
    assert refit(CHOSEN, [record], workshop(run), Budget(0.0, time.monotonic), lambda _: None) == CHOSEN


def test_a_family_that_needs_validation_rows_stays(run: MadeRun) -> None:
    record = trained(run, MACHINE)
    chosen = Selection(members=(SelectedModel(candidate="machine"),), score=0.9)
    assert refit(chosen, [record], workshop(run), Budget(60.0, time.monotonic), lambda _: None) == chosen
