"""Make a run's published file a version of a model: the files first, whole, and only then the row that names them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.jobs.settle import settle_run, subject_id
from app.usecases.refusals import Conflict, NotFound
from app.usecases.run_files import link_or_copy
from engine.files import publish_folder, read_json, write_json
from engine.specs.bundle import ModelCard
from engine.specs.codec import from_json, to_json
from engine.specs.report import Report
from engine.specs.run import RunPaths
from engine.specs.schema import Schema
from engine.specs.training import TaskSpec
from engine.words import words
from store import audit, models, run_records, users
from store.database import Database
from store.folder import DataFolder
from store.identifiers import new_id
from store.jobs import JobRecord
from store.models import Model, ModelVersion
from store.run_records import RunRecord
from store.table import Writes, now

MODEL, REPORT, PAGE, ABOUT = "model.onnx", "report.json", "report.html", "version.json"


@dataclass(frozen=True, kw_only=True)
class VersionFile:
    """What stands beside a version's model file, so that nobody has to open the model to read about it.

    card: as in the file.   schema: of the columns the model reads.   task: the question it answers.
    created_at: ISO 8601 with a zone.   created_by: id of a user.
    """

    model: str
    number: int
    card: ModelCard
    schema: Schema
    task: TaskSpec
    run_id: str
    run_name: str
    dataset_id: str
    dataset_name: str
    sha256: str
    bytes: int
    created_at: str
    created_by: str
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class Naming:
    """Under which name a run is published.   name: a slug.   title, description: of a new model, for people."""

    name: str
    title: str
    description: str = ""


def register_version(
    db: Database, folder: DataFolder, run_id: str, naming: Naming, *, created_by: str
) -> ModelVersion:
    """Make the finished run's file the next version of a model, which is made when there is none of that name.

    The same file of the same run under the same name is the version it already is. The files are published whole
    before the row is confirmed: a kill in between leaves a folder without a row, which the next attempt replaces.
    Raises: NotFound when the run or its files are gone; Conflict when the model answers another question; OSError.
    """
    record = run_records.get(db, run_id)
    paths = RunPaths(folder.run(run_id))
    if record is None or not paths.report.exists() or not paths.card.exists():
        raise NotFound(
            words("The run's model file is not there."),
            remedy=words("Publish the run again, or choose another."),
        )
    report = from_json(Report, read_json(paths.report))
    with db.write() as tx:
        model = models.by_name(tx, naming.name) or _add_model(tx, naming, created_by)
        known = _same(tx, model, run_id, report)
        if known is not None:
            return known
        version = models.add_version(tx, _version(model, record, report, created_by))
        _publish_files(folder.model_version(model.id, version.version), paths, model, version, record)
        audit.append(
            tx,
            who=_name_of(db, created_by),
            action="publish_model",
            object=f"model:{model.name}",
            detail=f"version {version.version} from run:{run_id}",
        )
    return version


def settle_publish(db: Database, folder: DataFolder, job: JobRecord) -> None:
    """Write how far the run came; when its last step is done, register its model. It may be called twice."""
    settle_run(db, folder, job)
    if job.state == "succeeded":
        told = job.arguments
        naming = Naming(name=told["name"], title=told["title"], description=told.get("description", ""))
        register_version(db, folder, subject_id(job), naming, created_by=job.created_by)


def _add_model(tx: Writes, naming: Naming, created_by: str) -> Model:
    return models.add_model(
        tx,
        Model(
            id=new_id(),
            name=naming.name,
            title=naming.title,
            description=naming.description,
            created_by=created_by,
            created_at=now(),
        ),
    )


def _same(tx: Writes, model: Model, run_id: str, report: Report) -> ModelVersion | None:
    """Return the version that this very file already is.   Raises: Conflict for a model with another question."""
    known = models.versions(tx, model.id)
    sha256 = report.model.sha256 if report.model else ""
    for version in known:
        if (version.run_id, version.sha256) == (run_id, sha256) and version.withdrawn_at is None:
            return version
    task = report.task
    if known and task is not None and (known[0].target, known[0].task) != (task.target, task.task):
        raise Conflict(
            words("The model {name!r} answers another question.", name=model.name),
            remedy=words("Publish it under another name."),
        )
    return None


def _version(model: Model, record: RunRecord, report: Report, created_by: str) -> ModelVersion:
    if report.model is None or report.task is None or report.evaluation is None:
        raise NotFound(words("The run's report is not whole."), remedy=words("Publish the run again."))
    deciding = report.evaluation.deciding
    return ModelVersion(
        model_id=model.id,
        run_id=record.id,
        task=report.task.task,
        target=report.task.target,
        metric=deciding.name,
        score=deciding.value,
        baseline=deciding.baseline,
        rows=report.divided.rows.get("train", 0) if report.divided else 0,
        bytes=report.model.size_bytes,
        sha256=report.model.sha256,
        created_by=created_by,
        created_at=now(),
    )


def _publish_files(
    target: Path, paths: RunPaths, model: Model, version: ModelVersion, record: RunRecord
) -> None:
    card = from_json(ModelCard, read_json(paths.card))
    schema = from_json(Schema, read_json(paths.schema))
    report = from_json(Report, read_json(paths.report))
    inputs = report.model.inputs if report.model else {}
    about = VersionFile(
        model=model.name,
        number=version.version,
        card=card,
        schema=schema.without(*(name for name in schema.names if name not in inputs)),
        task=from_json(TaskSpec, read_json(paths.task)),
        run_id=record.id,
        run_name=record.name,
        dataset_id=record.dataset_id,
        dataset_name=record.dataset_name,
        sha256=version.sha256,
        bytes=version.bytes,
        created_at=version.created_at.isoformat(timespec="seconds"),
        created_by=version.created_by,
    )

    def fill(place: Path) -> None:
        for source, name in ((paths.model, MODEL), (paths.report, REPORT), (paths.report_page, PAGE)):
            link_or_copy(source, place / name)
        write_json(place / ABOUT, to_json(about))
        place.chmod(0o700)

    target.parent.mkdir(mode=0o700, exist_ok=True)
    publish_folder(target, fill)


def _name_of(db: Database, user_id: str) -> str:
    user = users.get(db, user_id)
    return user.name if user is not None else user_id
