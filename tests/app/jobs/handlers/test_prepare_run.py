"""Preparing a run ends before training: a person decides first."""

from __future__ import annotations

import pytest

from engine.specs.run import RunPaths
from store import run_records
from tests.app.jobs.handlers.conftest import Walk

pytestmark = pytest.mark.slow


def test_the_steps_up_to_the_split_are_done(walk: Walk, kinds_of: dict[str, list[str]]) -> None:
    assert walk.prepared.state == "succeeded"
    assert walk.prepared.result == {"steps": ["upload", "import", "features", "split"]}
    assert kinds_of["prepare_run"].count("step_finished") == 4
    assert RunPaths(walk.box.folder.run(walk.run_id)).split_rows.exists()


def test_the_record_knows_the_task(walk: Walk) -> None:
    record = run_records.get(walk.box.db, walk.run_id)
    assert record is not None and (record.task, record.metric) == ("binary", "roc_auc")
