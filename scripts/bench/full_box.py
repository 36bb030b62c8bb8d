"""A box as it is after a year: 1,000 runs and 200 datasets, all of them copies of one that was really made.

The first run is walked through by a served portal, from an upload to an answering service. Its folders and records are
then copied by the store's own functions; files are hard links, so that a year takes seconds and little room.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.opening import open_database
from engine.specs.run import RunPaths
from store import datasets, jobs, models, run_records
from store.database import Database
from store.datasets import DATASETS, Dataset
from store.folder import DataFolder, FolderClaim
from store.identifiers import new_id
from store.jobs import JOBS, JobRecord
from store.run_records import RUNS, RunRecord
from store.runs import EVENTS_NAME
from tests.served import Client, Served

TARGET = "answer"
MODEL = "answers"
FAMILIES = ("linear", "decision_tree", "lightgbm")
ROWS_IN_TABLE = 5_000
EVENTS_PER_JOB = 40
PATIENCE_S = 600.0
TABLE = """
SELECT *, CASE WHEN n1 + 3 * (c1 = 'red')::INT + 0.02 * i1 + g < 8 THEN 'no' ELSE 'yes' END AS answer FROM (
SELECT round(random() * 10, 3) AS n1, round(random() * 10, 3) AS n2, round(random() * 1000, 2) AS n3,
  round(random(), 5) AS n4, round(random() * 1e6, 1) AS n5,
  CASE WHEN random() < 0.1 THEN NULL ELSE random()::FLOAT END AS n6,
  (random() * 100)::INT AS i1, (random() * 5)::INT AS i2, (random() * 10000)::INT AS i3,
  ['red', 'green', 'blue'][1 + (random() * 2)::INT] AS c1, ['yes', 'no'][1 + random()::INT] AS c2,
  'city ' || (random() * 40)::INT AS c3, (DATE '2015-01-01' + (random() * 3000)::INT)::VARCHAR AS d1,
  random() + random() + random() AS g FROM range({rows}))
"""


@dataclass(frozen=True, kw_only=True)
class Box:
    """What is in it: identifiers of one thing of each kind, and the cookies of somebody who is signed in.

    live_run, live_job, live_token: a training that is said to run; `pretend_training.py` gives it a worker.
    """

    dataset: str
    run: str
    job: str
    live_run: str = ""
    live_job: str = ""
    live_token: str = ""
    cookies: dict[str, str]

    @property
    def addresses(self) -> dict[str, tuple[str, str]]:
        """What to call a page → its name and query; every page of the portal, the walk once per step."""
        walk = {
            f"walk · {step}": ("walk", f"run={self.run}&step={step}")
            for step in ("features", "split", "models", "train", "evaluate", "publish")
        }
        plain = ("home", "datasets", "runs", "models", "services", "jobs", "system", "account")
        return {
            **{name: (name, "") for name in plain},
            "dataset": ("dataset", f"id={self.dataset}"),
            "model": ("model", f"name={MODEL}"),
            "service": ("service", f"name={MODEL}"),
            "use": ("use", f"service={MODEL}"),
            "job": ("job", f"id={self.job}"),
            **walk,
        }


def make_first(served: Served) -> Box:
    """Walk one run through an empty, served box by its API: upload, import, train, publish, deploy."""
    client = served.set_up()
    table = served.folder.with_name("table.csv")
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({TABLE.format(rows=ROWS_IN_TABLE)}) TO '{table}' (HEADER)")
    body = table.read_bytes()
    kind = {"Content-Type": "application/octet-stream", "Content-Length": str(len(body))}
    sent = client.ask("POST", "/api/v1/uploads?name=table.csv", body=body, headers=kind).json
    dataset = _call(client, "POST", "/datasets", {"upload_id": sent["id"]})["id"]
    _wait(lambda: _call(client, "GET", f"/datasets/{dataset}")["state"] == "ready")
    run = _call(client, "POST", "/runs", {"dataset_id": dataset, "target": TARGET, "time_limit_s": 60})["id"]
    _wait(lambda: _is_idle(client, run))
    revision = _call(client, "GET", f"/runs/{run}")["run"]["revision"]
    change = {"revision": revision, "fields": {"families": list(FAMILIES)}}
    _call(client, "PATCH", f"/runs/{run}", change)
    job = _call(client, "POST", f"/runs/{run}/train", {})["id"]
    _wait(lambda: _is_idle(client, run))
    _call(client, "POST", f"/runs/{run}/publish", {"name": MODEL})
    _wait(lambda: _is_idle(client, run))
    _call(client, "PUT", f"/services/{MODEL}", {"model": MODEL, "version": 1})
    return Box(dataset=dataset, run=run, job=job, cookies=dict(client.cookies))


def fill(folder: DataFolder, box: Box, *, runs: int, tables: int) -> Box:
    """Copy what `make_first` made until there are so many runs and tables, one training among them that runs.

    Nobody may have the folder open meanwhile.
    """
    with FolderClaim(folder), closing(open_database(folder)) as db:
        dataset, run = datasets.get(db, box.dataset), run_records.get(db, box.run)
        assert dataset is not None and run is not None
        more = [_copy_dataset(folder, dataset, number) for number in range(1, tables)]
        with db.write() as tx:
            DATASETS.insert_many(tx, more)
        for number in range(1, runs):
            of = more[number % len(more)] if more else dataset
            copied = replace(
                _copy_run(folder, run, number),
                dataset_id=of.id,
                dataset_name=of.name,
                created_at=_ago(number),
            )
            with db.write() as tx:
                RUNS.insert(tx, copied)
            _copy_jobs(db, folder, f"run:{run.id}", f"run:{copied.id}")
        for one in more:
            _copy_jobs(db, folder, f"dataset:{dataset.id}", f"dataset:{one.id}")
        _copy_models(db, folder)
        return _begin_training(db, folder, box, run)


def _ago(number: int) -> datetime:
    return datetime.now().astimezone() - timedelta(hours=8 * number)


def _copy_dataset(folder: DataFolder, dataset: Dataset, number: int) -> Dataset:
    made = replace(dataset, id=new_id(), name=f"{dataset.name} {number}", created_at=_ago(number))
    _link_tree(folder.dataset(dataset.id), folder.dataset(made.id))
    return made


def _copy_run(folder: DataFolder, run: RunRecord, number: int) -> RunRecord:
    made = replace(run, id=new_id(), name=f"{run.name} {number}", updated_at=_ago(number))
    _link_tree(folder.run(run.id), folder.run(made.id))
    return made


def _copy_jobs(db: Database, folder: DataFolder, subject: str, to: str) -> None:
    for job in jobs.list(db, subject=subject):
        made = replace(job, id=new_id(), subject=to)
        told = [event.event for event in jobs.events(db, job.id, limit=EVENTS_PER_JOB)]
        _link_tree(folder.job(job.id), folder.job(made.id))
        with db.write() as tx:
            JOBS.insert(tx, made)
            jobs.append_events(tx, made.id, told, attempt=1, at=made.created_at)


def _copy_models(db: Database, folder: DataFolder, count: int = 10) -> None:
    model = models.by_name(db, MODEL)
    assert model is not None
    version = models.versions(db, model.id)[0]
    for number in range(count):
        made = replace(model, id=new_id(), name=f"{MODEL}-{number}")
        _link_tree(folder.models / model.id, folder.models / made.id)
        with db.write() as tx:
            models.add_model(tx, made)
            models.add_version(tx, replace(version, model_id=made.id))


def _begin_training(db: Database, folder: DataFolder, box: Box, run: RunRecord) -> Box:
    """Make a run whose training is under way: all files of the steps before it, none of those after."""
    made = replace(run, id=new_id(), name="A training that runs", step="models", score=None)
    place = RunPaths(folder.run(made.id))
    shutil.copytree(folder.run(run.id), place.folder)
    for path in (place.selection, place.evaluation, place.model, place.card, place.report, place.report_page):
        path.unlink(missing_ok=True)
    shutil.rmtree(place.models, ignore_errors=True)
    lines = (place.folder / EVENTS_NAME).read_text(encoding="utf-8").splitlines(keepends=True)
    until = next(i for i, line in enumerate(lines) if '"event": "model_' in line)
    (place.folder / EVENTS_NAME).write_text("".join(lines[:until]), encoding="utf-8")
    job = JobRecord(
        id=new_id(), kind="train_run", subject=f"run:{made.id}", title="Train", lane="training", state="running",
        token=new_id(), created_by=run.created_by, created_at=_ago(0), started_at=_ago(0),
    )  # fmt: skip
    with db.write() as tx:
        RUNS.insert(tx, replace(made, created_at=_ago(0), updated_at=_ago(0)))
        JOBS.insert(tx, job)
    folder.job(job.id).mkdir(mode=0o700)
    return replace(box, live_run=made.id, live_job=job.id, live_token=job.token)


def _link_tree(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, copy_function=os.link)


def _call(client: Client, method: str, path: str, value: Any = None) -> Any:
    answer = client.call(method, f"/api/v1{path}", value)
    assert answer.status < 300, f"{method} {path}: {answer.status} {answer.text}"
    return answer.json if answer.body else None


def _is_idle(client: Client, run: str) -> bool:
    job = _call(client, "GET", f"/runs/{run}")["job"]
    assert job["state"] in ("queued", "running", "succeeded"), job
    return bool(job["state"] == "succeeded")


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline, "the box was not made in time"
        time.sleep(0.2)
