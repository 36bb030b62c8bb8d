"""Datasets as people see them: listed, read, renamed, deleted without harm to runs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.usecases.datasets import (
    delete_dataset,
    get_dataset,
    list_datasets,
    preview,
    rejects,
    rename_dataset,
    suggest_targets,
)
from app.usecases.person import Person
from app.usecases.refusals import Conflict, Forbidden, NotFound, Refusal
from app.wiring import Appliance
from engine.modalities.table import ImportLimits, profile_table
from engine.specs.codec import from_json, to_json
from engine.specs.schema import Schema
from store import audit, datasets
from store.identifiers import new_id
from store.run_records import RunRecord
from tests.app.usecases.walking import ADA, BOB


def test_datasets_are_listed_and_searched(box: Appliance, dataset_id: str) -> None:
    assert [record.id for record in list_datasets(box, BOB).items] == [dataset_id]
    assert list_datasets(box, BOB, search="TUM").total == 1
    assert list_datasets(box, BOB, search="%").total == 0
    with pytest.raises(Refusal):
        list_datasets(box, BOB, limit=0)


def test_a_dataset_is_seen_whole(box: Appliance, dataset_id: str) -> None:
    folder = box.folder.dataset(dataset_id)
    view = get_dataset(box, BOB, dataset_id)
    assert view.schema is not None and "finding" in view.schema.names
    assert view.imported is not None and view.imported.rows_imported == 300
    assert view.runs == 1 and view.job is None and view.profile is None
    assert suggest_targets(box, BOB, dataset_id) == () and preview(box, BOB, dataset_id).rows == ()
    schema = from_json(Schema, json.loads((folder / "dataset" / "schema.json").read_text()))
    limits = ImportLimits(memory_bytes=1 << 28, threads=1)
    profile = profile_table(folder / "dataset" / "data.parquet", schema, target=None, limits=limits)
    (folder / "profile.json").write_text(json.dumps(to_json(profile)))
    (folder / "preview.json").write_text('{"columns": ["a", "b"], "rows": [[1, null], ["<b>", 0.5]]}')
    shown = get_dataset(box, BOB, dataset_id).profile
    assert shown is not None and shown.rows == 300
    ideas = suggest_targets(box, BOB, dataset_id)
    assert (ideas[0].column, ideas[0].task) == ("finding", "binary")
    assert preview(box, BOB, dataset_id).rows == ((1, None), ("<b>", 0.5))


def test_refused_rows_are_given_out_where_there_are_any(box: Appliance, dataset_id: str) -> None:
    assert rejects(box, BOB, dataset_id) is None
    with box.db.write() as tx:
        datasets.update(tx, dataset_id, rejected=2)
    path = rejects(box, BOB, dataset_id)
    assert isinstance(path, Path) and path.name == "rejects.csv"


def test_a_dataset_is_renamed_and_its_runs_are_not(
    box: Appliance, dataset_id: str, prepared: RunRecord
) -> None:
    assert rename_dataset(box, BOB, dataset_id, " New name ").name == "New name"
    assert prepared.dataset_name == "Tumours"
    assert audit.recent(box.db, limit=1)[0].action == "rename_dataset"
    with pytest.raises(Refusal):
        rename_dataset(box, BOB, dataset_id, "")


def test_deleting_a_dataset_leaves_its_runs_whole(
    box: Appliance, dataset_id: str, prepared: RunRecord
) -> None:
    carol = Person(id=new_id(), name="carol", display="Carol", role="member")
    with pytest.raises(Forbidden):
        delete_dataset(box, carol, dataset_id)
    delete_dataset(box, ADA, dataset_id)
    assert not box.folder.dataset(dataset_id).exists() and list_datasets(box, ADA).total == 0
    run = box.folder.run(prepared.id)
    assert (run / "dataset" / "data.parquet").stat().st_size > 0 and any((run / "source").iterdir())
    for verb in (get_dataset, preview, rejects, suggest_targets, delete_dataset):
        with pytest.raises(NotFound):
            verb(box, ADA, dataset_id)


def test_a_dataset_that_is_being_imported_is_not_deleted(box: Appliance, dataset_id: str) -> None:
    box.jobs.submit("import_dataset", subject=f"dataset:{dataset_id}", title="t", created_by=ADA.id)
    with pytest.raises(Conflict):
        delete_dataset(box, ADA, dataset_id)
    assert replace(get_dataset(box, ADA, dataset_id)).job is not None
