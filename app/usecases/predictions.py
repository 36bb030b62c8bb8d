"""Answer a whole file with a published model: an upload in, a file of answers out."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Literal

from app.jobs.workplace import JobFiles
from app.usecases import expiry
from app.usecases.dataset_sources import check_size, safe_name, used, whole_upload
from app.usecases.jobs import get_job
from app.usecases.person import Person
from app.usecases.refusals import Conflict, NotFound
from app.usecases.run_files import link_or_copy
from app.wiring import Appliance
from engine.words import words
from store import audit, jobs, models, uploads
from store.folder import PRIVATE_FOLDER
from store.jobs import JobRecord
from store.models import Model, ModelVersion
from store.table import Writes, now

KIND = expiry.PREDICTION
#: Of a person's files, so many are looked through for those of one model.
_MOST_LOOKED_AT = 200
Format = Literal["csv", "parquet"]


def predict_upload(
    box: Appliance,
    who: Person,
    model: str,
    version: int,
    upload_id: str,
    *,
    format: Format = "csv",
    keep_columns: bool = True,
) -> JobRecord:
    """Queue the answering of every row of one of the caller's whole uploads.

    model: name of a published one.   keep_columns: the model's inputs stand before the answers.
    Raises: NotFound for an unknown model, version or upload; Conflict for a withdrawn version or a used upload;
        TooLarge.
    """
    found, numbered = _find(box, model, version)
    upload = whole_upload(box, who, upload_id)
    check_size(box, upload.bytes)
    name = safe_name(upload.name)

    def together(tx: Writes, job: JobRecord) -> None:
        if not uploads.consume(tx, upload.id, now()):
            raise used(upload)
        source = JobFiles(box.folder.job(job.id)).source
        source.mkdir(mode=PRIVATE_FOLDER, parents=True)
        link_or_copy(box.folder.upload(upload.id), source / name)
        audit.append(
            tx, who=who.name, action="predict_file", object=f"model:{found.name}", detail=upload.name
        )

    job = box.jobs.submit(
        KIND,
        subject=f"upload:{upload.id}",
        title=upload.name[:200],
        created_by=who.id,
        arguments={
            "model_id": found.id,
            "model": found.name,
            "version": numbered.version,
            "source": name,
            "format": "parquet" if format == "parquet" else "csv",
            "keep_columns": keep_columns,
            "max_bytes": box.serve.max_upload_bytes,
            "input_bytes": upload.bytes,
        },
        together=together,
    )
    with contextlib.suppress(OSError):
        box.folder.upload(upload.id).unlink()
    return job


def answers_file(box: Appliance, who: Person, job_id: str) -> Path:
    """Return the file of answers that a finished prediction wrote.

    Raises: NotFound when the job is no prediction or its file is gone; Conflict while it has not succeeded.
    """
    job = get_job(box, who, job_id)
    if job.kind != KIND:
        raise _no_answers()
    if job.state != "succeeded":
        raise Conflict(
            words("The answers are not ready."),
            remedy=words("Wait until the job has succeeded, then fetch them."),
        )
    path = JobFiles(box.folder.job(job.id)).results / Path(str(job.result["out"])).name
    if not path.is_file() and expiry.are_answers_over(box, job):
        days = box.serve.keep_answers_days
        raise NotFound(
            words("The answers were kept for {days:g} days and are gone.", days=days),
            remedy=words("Send the file again to have it answered anew."),
        )
    if not path.is_file():
        raise _no_answers()
    return path


def recent_files(box: Appliance, who: Person, model_id: str, *, limit: int = 5) -> tuple[JobRecord, ...]:
    """Return the caller's newest files for a model, in whatever state, newest first; not those whose answers are over.

    model_id: of any of its versions.
    """
    found = jobs.list(box.db, kind=KIND, created_by=who.id, limit=_MOST_LOOKED_AT)
    mine = [job for job in found if job.arguments.get("model_id") == model_id]
    return tuple([job for job in mine if not expiry.are_answers_over(box, job)][:limit])


def _find(box: Appliance, name: str, version: int) -> tuple[Model, ModelVersion]:
    model = models.by_name(box.db, name)
    numbered = models.version(box.db, model.id, version) if model is not None else None
    if model is None or numbered is None:
        raise NotFound(
            words("There is no version {version} of a model {name!r}.", version=version, name=name[:80]),
            remedy=words("Choose one from the list of models."),
        )
    if numbered.withdrawn_at is not None:
        raise Conflict(
            words("Version {version} of the model {name!r} was withdrawn.", version=version, name=name),
            remedy=words("Use another version."),
        )
    return model, numbered


def _no_answers() -> NotFound:
    return NotFound(words("This job has no file of answers."), remedy=words("Choose a finished prediction."))
