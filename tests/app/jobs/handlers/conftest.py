"""One walk by real workers from an upload to a published model and answers; tests look at what it left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer

from app.settings import ServeSettings
from app.usecases import datasets, predictions, runs, uploads
from app.usecases.person import Person
from app.wiring import Appliance, build
from store import jobs
from store.folder import DataFolder
from store.identifiers import new_id
from store.jobs import JobRecord
from store.uploads import Upload
from tests.runs import SETTINGS

ADA = Person(id=new_id(), name="ada", display="Ada", role="admin")
PATIENCE_S = 240.0


@dataclass
class Walk:
    """What each station left.   table: the user's file, as CSV."""

    box: Appliance
    table: bytes
    dataset_id: str
    run_id: str
    prepared: JobRecord
    trained: JobRecord
    published: JobRecord
    predicted: JobRecord


def upload(box: Appliance, name: str, content: bytes) -> Upload:
    """Put a whole upload of Ada's into the box."""
    begun = uploads.begin(box, ADA, name, len(content))
    uploads.part_of(box.folder, begun).write_bytes(content)
    return uploads.finish(box, begun)


def ended(box: Appliance, job: JobRecord) -> JobRecord:
    """Look at all jobs until this one has ended."""
    deadline = time.monotonic() + PATIENCE_S
    while (found := jobs.get(box.db, job.id)) is not None and found.state in ("queued", "running"):
        assert time.monotonic() < deadline, found
        box.jobs.tick()
        time.sleep(0.05)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    box = build(DataFolder(tmp_path_factory.mktemp("walk") / "data"), SETTINGS, ServeSettings())
    frame = load_breast_cancer(as_frame=True).frame.iloc[:400, -7:]
    frame["target"] = frame["target"].map({0: "bösartig", 1: "gut"})
    table = frame.to_csv(index=False).encode()
    dataset = datasets.create_from_upload(box, ADA, upload(box, "tumours.csv", table).id)
    view = datasets.get_dataset(box, ADA, dataset.id)
    assert view.job is not None
    imported = ended(box, view.job)
    assert imported.state == "succeeded", imported
    run = runs.create_run(box, ADA, dataset.id, target="target", time_limit_s=30.0)
    prepared = ended(box, jobs.list(box.db, subject=f"run:{run.id}")[0])
    changed = runs.change_run(box, ADA, run.id, revision=run.revision, families=("linear", "decision_tree"))
    trained = ended(box, runs.start_training(box, ADA, changed.id))
    published = ended(box, runs.publish(box, ADA, run.id, name="tumours"))
    asked = upload(box, "neue Fälle.csv", frame.drop(columns="target").to_csv(index=False).encode())
    predicted = ended(box, predictions.predict_upload(box, ADA, "tumours", 1, asked.id))
    yield Walk(box, table, dataset.id, run.id, prepared, trained, published, predicted)
    box.jobs.close()
    box.db.close()


@pytest.fixture
def kinds_of(walk: Walk) -> Iterator[dict[str, list[str]]]:
    """The kinds of event that each job of the walk's run reported, by the job's kind."""
    box = walk.box
    yield {
        job.kind: [event.kind for event in jobs.events(box.db, job.id)]
        for job in (walk.prepared, walk.trained, walk.published)
    }


def files_of(box: Appliance, job: JobRecord) -> Path:
    return box.folder.job(job.id)
