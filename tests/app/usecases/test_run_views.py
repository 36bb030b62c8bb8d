"""What the stations of the walk show: proposals with their reasons, choices, comparisons."""

from __future__ import annotations

import pytest

from app.usecases import runs
from app.usecases.refusals import Refusal
from app.wiring import Appliance
from store.run_records import RunRecord
from tests.app.usecases.walking import ADA, BOB, FILE_NAME, work, work_through

pytestmark = pytest.mark.slow


QUICK = ["decision_tree"]


def test_a_prepared_run_says_what_it_proposes_and_why(box: Appliance, prepared: RunRecord) -> None:
    view = runs.get_run(box, ADA, prepared.id)
    assert view.task is not None and view.task.task == "binary"
    assert (view.record.task, view.record.metric, view.record.step) == ("binary", "roc_auc", "split")
    assert FILE_NAME in view.steps[0].summary and "300 rows" in view.steps[1].summary
    plan = runs.feature_plan(box, ADA, prepared.id).plan
    assert plan is not None
    used = {choice.column: choice.use for choice in plan.columns}
    assert "finding" not in used
    assert {name for name, use in used.items() if not use} == {"case", "clinic", "verdict"}
    assert all(choice.reason for choice in plan.columns)
    split = runs.split_view(box, ADA, prepared.id)
    assert split.summary is not None and sum(split.summary.rows.values()) == 300
    assert {one.name: one.columns for one in split.splitters if one.needs == "time"}["time"][-1] == "seen"


def test_choices_name_every_family_with_what_speaks_for_or_against_it(
    box: Appliance, prepared: RunRecord
) -> None:
    found = runs.choices(box, ADA, prepared.id)
    assert found.chosen_by_data and found.metric == "roc_auc"
    assert found.metrics[0][0] == "roc_auc" and len(found.metrics) > 3
    assert all(family.why for family in found.families)
    selected = {family.name for family in found.families if family.selected}
    assert {"baseline", *QUICK} <= selected
    changed = runs.change_run(box, ADA, prepared.id, revision=1, families=QUICK)
    work(box, runs.prepare(box, ADA, changed.id))
    again = runs.choices(box, ADA, prepared.id)
    assert {family.name for family in again.families if family.selected} == {"baseline", *QUICK}


@pytest.mark.slow
def test_runs_are_compared_only_where_it_is_fair(box: Appliance, dataset_id: str) -> None:
    made = []
    for families in (QUICK, ["baseline"]):
        one = runs.create_run(box, ADA, dataset_id, target="finding", time_limit_s=60)
        work_through(box, one.id)
        runs.change_run(box, ADA, one.id, revision=1, families=families)
        work(box, runs.start_training(box, ADA, one.id))
        made.append(one.id)
    found = runs.compare(box, BOB, made)
    assert found.is_fair and found.differing == ("families",)
    assert all(one.evaluation and one.chosen and one.seconds > 0 for one in found.runs)
    other = runs.create_run(box, ADA, dataset_id, target="ward", time_limit_s=60)
    assert not runs.compare(box, BOB, [made[0], other.id]).is_fair
    with pytest.raises(Refusal, match="2 to 8"):
        runs.compare(box, BOB, [made[0], made[0]])
