"""Changing a run: only what depends on the change is redone, one of two people wins, and no kill mixes old and new."""

from __future__ import annotations

import time

import pytest

from app.usecases import runs
from app.usecases.refusals import Conflict
from app.wiring import Appliance
from engine.specs.run import RunPaths
from store.run_records import RunRecord
from store.runs import RunFolder, read_events, read_spec
from tests.app.usecases.walking import ADA, BOB, together, work

pytestmark = pytest.mark.slow


def states(box: Appliance, run_id: str) -> list[str]:
    return [step.state for step in runs.get_run(box, ADA, run_id).steps]


def test_switching_columns_redoes_features_and_keeps_the_import(box: Appliance, prepared: RunRecord) -> None:
    paths = RunPaths(box.folder.run(prepared.id))
    before = paths.profile.stat().st_mtime_ns
    changed = runs.edit_plan(
        box, ADA, prepared.id, revision=1, use={"ward": False, "verdict": True, "case": True}
    )
    assert (changed.revision, changed.step) == (2, "import")
    assert states(box, prepared.id) == ["done", "done", "open", *["waiting"] * 5]
    work(box, runs.prepare(box, ADA, prepared.id))
    assert paths.profile.stat().st_mtime_ns == before
    plan = runs.feature_plan(box, ADA, prepared.id).plan
    assert plan is not None
    used = {choice.column: choice.use for choice in plan.columns}
    assert used["verdict"] and used["case"] and not used["ward"] and not used["clinic"]
    back = runs.edit_plan(
        box, ADA, prepared.id, revision=2, use={"ward": True, "verdict": False, "case": False}
    )
    spec = runs.get_run(box, ADA, back.id).spec
    assert (set(spec.drop), spec.keep) == ({"verdict", "case"}, ())


def test_a_plan_made_by_hand_can_be_switched_too(box: Appliance, prepared: RunRecord) -> None:
    plan = runs.feature_plan(box, ADA, prepared.id).plan
    runs.change_run(box, ADA, prepared.id, revision=1, plan=plan)
    runs.edit_plan(box, ADA, prepared.id, revision=2, use={"ward": False, "case": True})
    by_hand = runs.get_run(box, ADA, prepared.id).spec.plan
    assert by_hand is not None
    assert "ward" not in by_hand.used_columns and "case" in by_hand.used_columns
    columns = {feature.column for features in by_hand.views.values() for feature in features}
    assert "case" in columns and "ward" not in columns
    work(box, runs.prepare(box, ADA, prepared.id))
    assert states(box, prepared.id)[3] == "done"


def test_the_slower_of_two_people_is_told_who_was_faster(box: Appliance, prepared: RunRecord) -> None:
    runs.change_run(box, BOB, prepared.id, revision=1, seed=3)
    with pytest.raises(Conflict, match=r"bob changed this run at \d\d:\d\d:\d\d UTC"):
        runs.change_run(box, ADA, prepared.id, revision=1, drop=["ward"])
    spec = runs.get_run(box, ADA, prepared.id).spec
    assert (spec.seed, spec.drop) == (3, ())


def test_of_many_changes_at_once_one_wins(box: Appliance, prepared: RunRecord) -> None:
    raised = together(
        *(
            lambda seed=seed: runs.change_run(box, ADA, prepared.id, revision=1, seed=seed)
            for seed in range(1, 7)
        )
    )
    assert sorted(type(error).__name__ for error in raised) == ["Conflict"] * 5 + ["NoneType"]
    view = runs.get_run(box, ADA, prepared.id)
    assert view.record.revision == 2 and view.spec.seed == 1 + raised.index(None)


def test_a_change_that_changes_nothing_redoes_nothing(box: Appliance, prepared: RunRecord) -> None:
    assert runs.change_run(box, ADA, prepared.id, revision=1, target="finding").revision == 1
    assert states(box, prepared.id)[:4] == ["done"] * 4


def test_the_clock_counts_only_what_stays(box: Appliance, prepared: RunRecord) -> None:
    folder = box.folder.run(prepared.id)
    events = read_events(folder)
    took = {event["step"]: event["seconds"] for event in events if event["event"] == "step_finished"}
    time.sleep(1.2)
    runs.change_run(box, ADA, prepared.id, revision=1, seed=3)
    left = read_events(folder)[-1]["elapsed_s"]
    assert abs(left - sum(took[name] for name in ("upload", "import", "features"))) < 0.01
    assert left < events[-1]["elapsed_s"]


def test_a_change_cut_short_leaves_the_old_settings(box: Appliance, prepared: RunRecord) -> None:
    """The new settings cannot be written: what was forgotten is open again, nothing else has changed."""
    folder = box.folder.run(prepared.id)
    (folder / ".tmp-run.json").mkdir()
    with pytest.raises(OSError):
        runs.change_run(box, ADA, prepared.id, revision=1, seed=8)
    view = runs.get_run(box, ADA, prepared.id)
    assert (view.record.revision, view.spec.seed) == (1, 0)
    work(box, runs.prepare(box, ADA, prepared.id))
    assert states(box, prepared.id)[:4] == ["done"] * 4
    assert runs.change_run(box, ADA, prepared.id, revision=1, seed=8).revision == 2


def test_a_living_worker_is_left_alone(box: Appliance, prepared: RunRecord) -> None:
    """A worker whose job was called off may still hold the folder."""
    folder = box.folder.run(prepared.id)
    with RunFolder(folder, read_spec(folder)), pytest.raises(Conflict, match="A job is working"):
        runs.change_run(box, ADA, prepared.id, revision=1, seed=8)
    assert states(box, prepared.id)[:4] == ["done"] * 4
