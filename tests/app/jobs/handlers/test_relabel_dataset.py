"""A real worker makes a version of a set of pictures, or says in one sentence why not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import ServeSettings
from app.usecases.datasets import get_dataset
from app.usecases.labels import change_labels, make_version
from app.usecases.pictures import thumbnail
from app.wiring import Appliance, build
from engine.specs.pictures import LabelEdit
from store import jobs
from store.datasets import Dataset
from store.folder import DataFolder
from store.jobs import JobRecord
from tests.app.jobs.handlers.conftest import ADA, ended
from tests.pictured import put_pictures
from tests.runs import SETTINGS

pytestmark = pytest.mark.slow


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Appliance]:
    folder = DataFolder(tmp_path / "data")
    folder.create()
    made = build(folder, SETTINGS, ServeSettings())
    yield made
    made.jobs.close()
    made.db.close()


def job_of(box: Appliance, made: Dataset) -> JobRecord:
    job = jobs.get(box.db, str(made.job_id))
    assert job is not None
    return job


def test_a_version_is_made_by_a_worker(box: Appliance) -> None:
    digits = put_pictures(box, ADA, count=20)
    change_labels(box, ADA, digits, LabelEdit(action="exclude", rows=(0, 3)))
    made = make_version(box, ADA, digits, name="Digits 2")

    done = ended(box, job_of(box, made))

    assert done.state == "succeeded", done
    view = get_dataset(box, ADA, made.id)
    assert (view.record.state, view.record.rows, view.record.rejected) == ("ready", 18, 0)
    # Row 0 of the version is row 1 of the set it was made from.
    assert thumbnail(box, ADA, made.id, 0) == thumbnail(box, ADA, digits, 1)


def test_a_version_of_nothing_fails_clearly(box: Appliance) -> None:
    digits = put_pictures(box, ADA, count=5)
    change_labels(box, ADA, digits, LabelEdit(action="exclude", rows=tuple(range(5))))
    made = make_version(box, ADA, digits, name="Nothing")

    done = ended(box, job_of(box, made))

    assert done.state == "failed"
    assert "Every picture was left out" in str(done.message)
    assert get_dataset(box, ADA, made.id).record.state == "failed"
