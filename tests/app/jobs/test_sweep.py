"""At start, folders without a row go and rows without work are told so; what is young or foreign stays."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.jobs.sweep import sweep
from store import datasets, models, uploads
from store.database import Database
from store.identifiers import new_id
from store.table import now
from tests.app.jobs.conftest import Bench


def old(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "file").write_text("x")
    os.utime(path, (time.time() - 7200,) * 2)
    return path


def add_dataset(bench: Bench, state: str = "ready") -> str:
    record = datasets.Dataset(
        id=new_id(),
        name="n",
        state=state,  # type: ignore[arg-type]
        source_name="n.csv",
        bytes=1,
        created_by="wang",
        created_at=now(),
    )
    with bench.db.write() as tx:
        datasets.add(tx, record)
    return record.id


def test_orphans_go_and_the_rest_stays(bench: Bench) -> None:
    folder = bench.folder
    kept, deleted = add_dataset(bench), add_dataset(bench)
    model = models.Model(
        id=new_id(), name="m", title="M", description="", created_by="wang", created_at=now()
    )
    with bench.db.write() as tx:
        datasets.mark_deleted(tx, deleted, now())
        models.add_model(tx, model)
    doomed = {
        old(folder.dataset(deleted)),
        old(folder.dataset(new_id())),
        old(folder.run(new_id())),
        old(folder.job(new_id())),
        old(folder.models / new_id()),
        old(folder.runs / ".tmp-half"),
        old(folder.model_version(model.id, 1)),
    }
    os.utime(folder.models / model.id, (time.time() - 7200,) * 2)
    stays = [old(folder.dataset(kept)), old(folder.datasets / "notes of a person"), folder.run(new_id())]
    stays[-1].mkdir()
    assert set(sweep(bench.db, folder)) == doomed
    assert all(path.is_dir() for path in stays) and not any(path.exists() for path in doomed)
    assert sweep(bench.db, folder) == ()


def test_a_start_asks_no_more_of_a_full_box(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    read = Database.read

    def counted(db: Database, sql: str, params: Sequence[object] = ()) -> list[dict[str, object]]:
        asked.append(sql)
        return read(db, sql, params)

    monkeypatch.setattr(Database, "read", counted)
    bench.folder.dataset(add_dataset(bench)).mkdir()
    sweep(bench.db, bench.folder)
    in_all = len(asked)
    for _ in range(20):
        bench.folder.dataset(add_dataset(bench)).mkdir()
    sweep(bench.db, bench.folder)
    assert len(asked) == 2 * in_all


def test_an_upload_goes_once_something_was_made_of_it(bench: Bench) -> None:
    made = [
        uploads.Upload(
            id=new_id(), user_id="wang", name="a.csv", bytes=1, created_at=now(), finished_at=now()
        )
        for _ in range(2)
    ]
    with bench.db.write() as tx:
        for upload in made:
            uploads.add(tx, upload)
            bench.folder.upload(upload.id).write_text("x")
            os.utime(bench.folder.upload(upload.id), (time.time() - 7200,) * 2)
        uploads.consume(tx, made[0].id, now())
    assert sweep(bench.db, bench.folder) == (bench.folder.upload(made[0].id),)


def test_a_dataset_that_nobody_imports_says_so(bench: Bench) -> None:
    waiting, forgotten = add_dataset(bench, "importing"), add_dataset(bench, "importing")
    bench.submit("stub", f"dataset:{waiting}")
    sweep(bench.db, bench.folder)
    found = datasets.get(bench.db, forgotten)
    assert found is not None and found.state == "failed" and "interrupted" in found.message
    other = datasets.get(bench.db, waiting)
    assert other is not None and other.state == "importing"
