"""A run is found by its own identifier or not at all."""

from __future__ import annotations

import pytest

from app.usecases import runs
from app.usecases.refusals import NotFound
from app.usecases.run_access import find_run, newest_job, subject_of
from app.wiring import Appliance
from store.run_records import RunRecord
from tests.app.usecases.walking import ADA


def test_what_is_not_there_is_not_found(box: Appliance) -> None:
    for wrong in ("", "../runs", "x" * 10_000, "0" * 16):
        for ask in (runs.get_run, runs.live, runs.report, runs.feature_plan, runs.start_training):
            with pytest.raises(NotFound):
                ask(box, ADA, wrong)


def test_a_deleted_run_is_not_found_and_its_newest_job_is(box: Appliance, prepared: RunRecord) -> None:
    job = newest_job(box, prepared.id)
    assert job is not None and job.subject == subject_of(prepared.id)
    runs.delete_run(box, ADA, prepared.id)
    with pytest.raises(NotFound, match="deleted"):
        find_run(box, prepared.id)
