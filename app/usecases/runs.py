"""Runs: the walk from a dataset to a model, each step proposed, changed, redone and left at will."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.usecases.dataset_access import find_dataset
from app.usecases.listing import Listing, check_page
from app.usecases.naming import MOST_TITLE_LETTERS, checked_slug, checked_text, checked_title
from app.usecases.person import Person
from app.usecases.refusals import Conflict, Forbidden, NotFound
from app.usecases.run_access import find_run, newest_job, subject_of
from app.usecases.run_changes import checked_target, checked_time_limit
from app.usecases.run_edits import change_run, edit_plan
from app.usecases.run_files import SOURCE, RunFiles, make_run_folder
from app.usecases.run_live import Curve, LiveView, live
from app.usecases.run_steps import RunView, StepView, view_of
from app.usecases.run_views import (
    ChoicesView,
    ComparedRun,
    Comparison,
    FamilyChoice,
    PlanView,
    SplitterChoice,
    SplitView,
    choices,
    compare,
    feature_plan,
    report,
    split_view,
)
from app.wiring import Appliance
from engine.errors import AimassError, NoSpace, WorkFailed
from engine.files import read_json, temporary_beside
from engine.specs.codec import from_json
from engine.specs.run import RunPaths, RunSpec
from engine.specs.schema import Schema
from engine.steps import step
from engine.words import words
from store import audit, jobs, models, run_records
from store.datasets import Dataset
from store.identifiers import new_id
from store.jobs import JobRecord
from store.run_records import RunRecord
from store.table import Writes, now

__all__ = [
    "ChoicesView",
    "ComparedRun",
    "Comparison",
    "Curve",
    "FamilyChoice",
    "LiveView",
    "PlanView",
    "RunView",
    "SplitView",
    "SplitterChoice",
    "StepView",
    "change_run",
    "choices",
    "compare",
    "create_run",
    "delete_run",
    "edit_plan",
    "feature_plan",
    "get_run",
    "list_runs",
    "live",
    "prepare",
    "publish",
    "rename_run",
    "report",
    "split_view",
    "start_training",
]


def create_run(
    box: Appliance,
    who: Person,
    dataset_id: str,
    *,
    target: str,
    name: str | None = None,
    time_limit_s: float = 300.0,
) -> RunRecord:
    """Begin a run on a dataset, and submit the steps up to the split.

    The run's folder gets its own names for the dataset's files, so that deleting the dataset later harms nothing.
    target: the column to predict.   name: for people; made of target and dataset when not given.
    Raises: NotFound; Conflict while the dataset is not ready; Refusal for a value that cannot be used.
    """
    dataset = _ready_dataset(box, dataset_id)
    folder = box.folder.dataset(dataset.id)
    source = _only_file(folder / "source")
    schema = from_json(Schema, read_json(folder / "dataset" / "schema.json"))
    wanted = checked_target(target, schema)
    spec = RunSpec(
        data=f"{SOURCE}/{source.name}", target=wanted, time_limit_s=checked_time_limit(time_limit_s)
    )
    moment = now()
    record = RunRecord(
        id=new_id(),
        name=checked_title(name) if name is not None else f"{wanted} · {dataset.name}"[:MOST_TITLE_LETTERS],
        dataset_id=dataset.id,
        dataset_name=dataset.name,
        target=wanted,
        created_by=who.id,
        created_at=moment,
        updated_at=moment,
    )

    def together(tx: Writes, job: JobRecord) -> None:
        run_records.add(tx, record)
        audit.append(tx, who=who.name, action="create_run", object=subject_of(record.id), detail=dataset.id)

    try:
        make_run_folder(box.folder.run(record.id), spec, source=source, dataset=folder / "dataset")
    except OSError as error:
        raise _unmade(error) from error
    try:
        _submit(box, who, record, "prepare_run", together=together)
    except BaseException:
        shutil.rmtree(box.folder.run(record.id), ignore_errors=True)
        raise
    return record


def list_runs(
    box: Appliance,
    who: Person,
    *,
    search: str = "",
    dataset_id: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Listing[RunRecord]:
    """Return runs of everybody, newest first.   search: part of the name, dataset or target.   Raises: Refusal."""
    check_page(limit, offset)
    return Listing(
        items=run_records.list(box.db, search=search, dataset_id=dataset_id, limit=limit, offset=offset),
        total=run_records.count(box.db, search=search, dataset_id=dataset_id),
    )


def get_run(box: Appliance, who: Person, run_id: str) -> RunView:
    """Return a run, what was asked for, how far each step is, and its newest job.   Raises: NotFound."""
    record = find_run(box, run_id)
    return view_of(RunFiles(box.folder.run(record.id)), record, newest_job(box, record.id))


def prepare(box: Appliance, who: Person, run_id: str) -> JobRecord:
    """Submit the steps up to the split; the newest such job when they are done already.

    Raises: NotFound; Conflict while another job works on the run.
    """
    return _work(box, who, run_id, "prepare_run", until="split")


def start_training(box: Appliance, who: Person, run_id: str) -> JobRecord:
    """Submit the steps up to the evaluation; asking again while they run, or when they are done, changes nothing.

    Raises: NotFound; Conflict while another job works on the run.
    """
    return _work(box, who, run_id, "train_run", until="evaluation")


def publish(
    box: Appliance, who: Person, run_id: str, *, name: str, title: str | None = None, description: str = ""
) -> JobRecord:
    """Submit the last step; when it is done, the run's model is the next version of the model `name`.

    name: a slug; a new model when there is none of that name.   title: of a new model, for people.
    Raises: NotFound; Conflict until the run is evaluated, while another job works on it, or when the model of that
    name answers another question; Refusal for a name that cannot be used.
    """
    record = find_run(box, run_id)
    slug = checked_slug(name)
    told = {
        "name": slug,
        "title": checked_title(title) if title is not None else record.name,
        "description": checked_text(description),
    }
    if not step("evaluation").is_whole(RunPaths(box.folder.run(record.id))):
        raise Conflict(
            words("The run is not evaluated yet, so there is nothing to publish."),
            remedy=words("Train it first."),
        )
    _refuse_other_question(box, slug, record)
    job = _submit(box, who, record, "publish_run", arguments=told)
    if job.arguments.get("name") != slug:
        raise Conflict(
            words("This run is being published as {name!r}.", name=str(job.arguments.get("name"))),
            remedy=words("Wait until that has ended."),
        )
    return job


def rename_run(box: Appliance, who: Person, run_id: str, name: str) -> RunRecord:
    """Give a run another name.   Raises: NotFound; Refusal for a name that cannot be used."""
    record = find_run(box, run_id)
    wanted = checked_title(name)
    with box.db.write() as tx:
        run_records.update(tx, record.id, name=wanted)
        audit.append(tx, who=who.name, action="rename_run", object=subject_of(record.id), detail=wanted)
    return find_run(box, run_id)


def delete_run(box: Appliance, who: Person, run_id: str) -> None:
    """Delete a run and its files; models published from it stay.

    Raises: NotFound; Forbidden for another person's run; Conflict while a job works on it.
    """
    record = find_run(box, run_id)
    if not who.is_admin and record.created_by != who.id:
        raise Forbidden(
            words("This run belongs to somebody else."), remedy=words("Ask them or an administrator.")
        )
    with box.db.write() as tx:
        _refuse_active(tx, record)
        run_records.mark_deleted(tx, record.id, now())
        jobs.drop_events(tx, subject_of(record.id))
        audit.append(tx, who=who.name, action="delete_run", object=subject_of(record.id))
    folder = box.folder.run(record.id)
    if folder.is_dir():
        doomed = temporary_beside(folder)
        folder.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


def _work(box: Appliance, who: Person, run_id: str, kind: str, *, until: str) -> JobRecord:
    record = find_run(box, run_id)
    if step(until).is_whole(RunPaths(box.folder.run(record.id))):
        done = jobs.list(box.db, kind=kind, subject=subject_of(record.id), limit=1)
        if done and done[0].state == "succeeded":
            return done[0]
    return _submit(box, who, record, kind)


def _submit(
    box: Appliance,
    who: Person,
    record: RunRecord,
    kind: str,
    *,
    arguments: Mapping[str, Any] | None = None,
    together: Callable[[Writes, JobRecord], None] | None = None,
) -> JobRecord:
    titles = {
        "prepare_run": words("Prepare {name}", name=record.name),
        "train_run": words("Train {name}", name=record.name),
        "publish_run": words("Publish {name}", name=record.name),
    }

    def check(tx: Writes, job: JobRecord) -> None:
        _refuse_active(tx, record, but=job.id)
        if together is not None:
            together(tx, job)
        elif kind != "prepare_run":
            audit.append(tx, who=who.name, action=kind, object=subject_of(record.id))

    return box.jobs.submit(
        kind,
        subject=subject_of(record.id),
        title=titles[kind],
        arguments=arguments or {},
        created_by=who.id,
        together=check,
    )


def _refuse_active(tx: Writes, record: RunRecord, but: str = "") -> None:
    if any(job.id != but for job in jobs.active(tx, subject_of(record.id))):
        raise Conflict(
            words("A job is working on this run."), remedy=words("Wait until it has ended, or cancel it.")
        )


def _refuse_other_question(box: Appliance, name: str, record: RunRecord) -> None:
    """A model's versions answer one question: whoever calls it must not get other answers after a deployment."""
    model = models.by_name(box.db, name)
    newest = next(iter(models.versions(box.db, model.id)), None) if model is not None else None
    if newest is not None and (newest.target, newest.task) != (record.target, record.task):
        raise Conflict(
            words(
                "The model {name!r} predicts {known!r} ({task}); this run predicts {target!r}.",
                name=name,
                known=newest.target,
                task=newest.task,
                target=record.target,
            ),
            remedy=words("Publish it under another name."),
        )


def _ready_dataset(box: Appliance, dataset_id: str) -> Dataset:
    dataset = find_dataset(box, dataset_id)
    if dataset.state != "ready":
        raise Conflict(
            words("The dataset {name!r} is not imported.", name=dataset.name),
            remedy=words("Wait for its import to end, or upload the file again."),
        )
    return dataset


def _unmade(error: OSError) -> AimassError:
    """Say why a run's folder could not be made; a link needs next to no room, a copy as much as the dataset."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoSpace(
            words("The disk is full, so the run could not be begun."),
            remedy=words("Free some space, then try again."),
        )
    if isinstance(error, FileNotFoundError):
        return NotFound(
            words("The dataset was deleted just now."), remedy=words("Choose one from the list of datasets.")
        )
    return WorkFailed(
        words(
            "The system refused to make the run's folder: {reason}.",
            reason=error.strerror or type(error).__name__,
        ),
        remedy=words("Look at the system page for what is wrong with the disk."),
    )


def _only_file(folder: Path) -> Path:
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    if len(files) != 1:
        raise Conflict(
            words("The dataset's own file is missing."), remedy=words("Upload it again as a new dataset.")
        )
    return files[0]
