"""A run's file becomes a version whole or not at all, and once however often it is asked for."""

from __future__ import annotations

import dataclasses
import shutil

import pytest

from app.usecases.refusals import Conflict, NotFound
from app.usecases.registering import Naming, VersionFile, register_version
from app.wiring import Appliance
from engine.files import read_json, write_json
from engine.specs.codec import from_json, to_json
from engine.specs.report import Report
from engine.specs.run import RunPaths
from store import models
from store.run_records import RunRecord
from tests.app.usecases.walking import ADA, together

pytestmark = pytest.mark.slow

NAMING = Naming(name="tumours", title="Tumours")


@pytest.fixture
def published(box: Appliance, prepared: RunRecord, finished: RunPaths) -> RunRecord:
    """A run of `box` in whose folder every step is whole."""
    folder = box.folder.run(prepared.id)
    shutil.rmtree(folder)
    shutil.copytree(finished.folder, folder)
    return prepared


def register(box: Appliance, run: RunRecord, naming: Naming = NAMING) -> models.ModelVersion:
    return register_version(box.db, box.folder, run.id, naming, created_by=ADA.id)


def test_a_version_is_the_runs_own_file_with_what_is_known_of_it(
    box: Appliance, published: RunRecord
) -> None:
    version = register(box, published)
    paths = RunPaths(box.folder.run(published.id))
    place = box.folder.model_version(version.model_id, 1)
    assert (place / "model.onnx").samefile(paths.model)
    assert {path.name for path in place.iterdir()} == {
        "model.onnx",
        "report.json",
        "report.html",
        "version.json",
    }
    about = from_json(VersionFile, read_json(place / "version.json"))
    report = from_json(Report, read_json(paths.report))
    assert report.model is not None
    assert (about.sha256, about.bytes) == (report.model.sha256, paths.model.stat().st_size)
    assert set(about.schema.names) == set(report.model.inputs) == {one.name for one in about.card.inputs}
    assert (version.score, version.metric) == (report.evaluation.deciding.value, "roc_auc")  # type: ignore[union-attr]


def test_the_same_file_is_one_version_however_often(box: Appliance, published: RunRecord) -> None:
    first = register(box, published)
    assert register(box, published) == first
    assert together(*(lambda: register(box, published) for _ in range(4))) == [None] * 4
    assert len(models.versions(box.db, first.model_id)) == 1
    other = register(box, published, Naming(name="other", title="Other"))
    assert other.model_id != first.model_id and other.version == 1


def test_a_new_file_is_the_next_version(box: Appliance, published: RunRecord) -> None:
    first = register(box, published)
    _give_other_file(box, published)
    second = register(box, published)
    assert (second.model_id, second.version) == (first.model_id, 2)
    assert (box.folder.model_version(first.model_id, 1) / "model.onnx").exists()


def test_a_withdrawn_file_is_published_anew(box: Appliance, published: RunRecord) -> None:
    first = register(box, published)
    with box.db.write() as tx:
        models.withdraw(tx, first.model_id, 1, first.created_at)
    assert register(box, published).version == 2


@pytest.mark.parametrize("name", ["report.html", "model.onnx", "card.json"])
def test_what_cannot_be_whole_leaves_no_row(box: Appliance, published: RunRecord, name: str) -> None:
    (box.folder.run(published.id) / name).unlink()
    with pytest.raises((NotFound, OSError)):
        register(box, published)
    assert models.count(box.db) == 0
    assert not list(box.folder.models.rglob("model.onnx"))


def test_files_without_a_row_are_replaced(box: Appliance, published: RunRecord) -> None:
    """A kill after the files and before the row leaves such a folder."""
    first = register(box, published)
    _give_other_file(box, published)
    half = box.folder.model_version(first.model_id, 2)
    half.mkdir()
    (half / "model.onnx").write_text("of a killed attempt")
    assert register(box, published).version == 2
    assert (half / "model.onnx").samefile(RunPaths(box.folder.run(published.id)).model)


def test_a_model_keeps_to_its_question(box: Appliance, published: RunRecord) -> None:
    register(box, published)
    path = RunPaths(box.folder.run(published.id)).report
    report = from_json(Report, read_json(path))
    assert report.task is not None
    write_json(
        path, to_json(dataclasses.replace(report, task=dataclasses.replace(report.task, target="ward")))
    )
    with pytest.raises(NotFound):
        register_version(box.db, box.folder, "0" * 16, NAMING, created_by=ADA.id)
    _give_other_file(box, published)
    with pytest.raises(Conflict, match="another question"):
        register(box, published)


def _give_other_file(box: Appliance, run: RunRecord) -> None:
    path = RunPaths(box.folder.run(run.id)).report
    report = from_json(Report, read_json(path))
    assert report.model is not None
    other = dataclasses.replace(report.model, sha256="0" * 64)
    write_json(path, to_json(dataclasses.replace(report, model=other)))
