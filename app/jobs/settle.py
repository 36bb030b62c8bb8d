"""What the control process writes down when a job has ended. Each may be called twice for one ending."""

from __future__ import annotations

import shutil
from typing import Any

from app.jobs.workplace import JobFiles
from engine.files import read_json
from engine.specs.codec import from_json
from engine.specs.evaluation import Evaluation
from engine.specs.run import RunPaths
from engine.specs.training import Selection, TaskSpec
from engine.steps import whole_steps
from store import datasets, run_records
from store.database import Database
from store.folder import DataFolder
from store.jobs import JobRecord
from store.runs import read_spec


def subject_id(job: JobRecord) -> str:
    """Return the id in a job's subject: "run:0123…" is about "0123…"."""
    return job.subject.partition(":")[2]


def settle_import(db: Database, folder: DataFolder, job: JobRecord) -> None:
    """Write what became of a dataset's file: ready with its numbers, or failed with the reason."""
    with db.write() as tx:
        if job.state == "succeeded":
            found = {name: job.result[name] for name in ("sha256", "rows", "columns", "rejected")}
            datasets.set_ready(tx, subject_id(job), **found)
        else:
            datasets.set_failed(tx, subject_id(job), job.message)


def settle_prediction(db: Database, folder: DataFolder, job: JobRecord) -> None:
    """Remove the file that was answered whole; another attempt would need it, and the answers are what is kept."""
    if job.state == "succeeded":
        shutil.rmtree(JobFiles(folder.job(job.id)).source, ignore_errors=True)


def settle_run(db: Database, folder: DataFolder, job: JobRecord) -> None:
    """Write how far a run came: its last whole step, and its task and score as far as they are known."""
    paths = RunPaths(folder.run(subject_id(job)))
    whole = whole_steps(paths)
    changes: dict[str, Any] = {"step": whole[-1].name if whole else ""}
    if paths.task.exists():
        task = from_json(TaskSpec, read_json(paths.task))
        metric = read_spec(paths.folder)["metric"] or task.metric
        changes |= {"task": task.task, "metric": metric, "score": None, "baseline": None}
    if paths.evaluation.exists():
        deciding = from_json(Evaluation, read_json(paths.evaluation)["evaluation"]).deciding
        changes |= {"metric": deciding.name, "score": deciding.value, "baseline": deciding.baseline}
    elif paths.selection.exists():
        changes["score"] = from_json(Selection, read_json(paths.selection)).score
    with db.write() as tx:
        run_records.update(tx, subject_id(job), **changes)
