"""Datasets: bring a file, look at what became of it, rename and delete it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from app.usecases.dataset_access import find_dataset, labels_subject, subject_of
from app.usecases.dataset_sources import (
    FolderRoot,
    browse,
    create_from_folder,
    create_from_upload,
    holds_pictures,
    server_folders,
)
from app.usecases.listing import Listing, check_page
from app.usecases.naming import checked_title
from app.usecases.person import Person
from app.usecases.picture_files import Origin, PictureFiles
from app.usecases.refusals import Conflict, Forbidden
from app.usecases.run_files import RunFiles
from app.wiring import Appliance
from engine.files import read_json, temporary_beside
from engine.modalities.table.targets import TargetIdea, rank_targets
from engine.providers.folder import FolderEntry
from engine.specs.dataset import ImportSummary
from engine.specs.pictures import PictureFacts
from engine.specs.profile import Profile
from engine.specs.schema import Schema, Task
from engine.words import words
from store import audit, datasets, jobs, run_records
from store.datasets import Dataset
from store.jobs import JobRecord
from store.table import now

__all__ = [
    "DatasetView",
    "FolderEntry",
    "FolderRoot",
    "Preview",
    "TargetIdea",
    "browse",
    "create_from_folder",
    "create_from_upload",
    "delete_dataset",
    "get_dataset",
    "holds_pictures",
    "list_datasets",
    "preview",
    "rejects",
    "rename_dataset",
    "server_folders",
    "suggest_targets",
    "target_names",
]

Cell = str | float | int | bool | None


@dataclass(frozen=True, kw_only=True)
class DatasetView:
    """All that is known of a dataset. What the import has not written yet is None.

    job: its newest import.   runs: how many runs were made from it.   pictures: of a set of pictures, in a few numbers.
    origin: the set of pictures that it is a new version of.
    """

    record: Dataset
    schema: Schema | None
    profile: Profile | None
    imported: ImportSummary | None
    job: JobRecord | None
    runs: int
    pictures: PictureFacts | None = None
    origin: Origin | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The first rows of a table, at most 200, as it was imported; long texts are cut."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def list_datasets(
    box: Appliance, who: Person, *, search: str = "", limit: int = 50, offset: int = 0
) -> Listing[Dataset]:
    """Return datasets, newest first.   search: part of the name or the file's name.   Raises: Refusal."""
    check_page(limit, offset)
    return Listing(
        items=datasets.list(box.db, search=search, limit=limit, offset=offset),
        total=datasets.count(box.db, search=search),
    )


def get_dataset(box: Appliance, who: Person, dataset_id: str) -> DatasetView:
    """Return a dataset with its schema and profile.   Raises: NotFound."""
    record = find_dataset(box, dataset_id)
    files = RunFiles(box.folder.dataset(record.id))
    return DatasetView(
        record=record,
        schema=files.schema,
        profile=files.profile,
        imported=files.read(ImportSummary, files.paths.import_summary),
        job=next(iter(jobs.list(box.db, subject=subject_of(record.id), limit=1)), None),
        runs=run_records.count(box.db, dataset_id=record.id),
        pictures=PictureFiles(files.folder).facts,
        origin=PictureFiles(files.folder).origin,
    )


def preview(box: Appliance, who: Person, dataset_id: str) -> Preview:
    """Return the first rows, none while there are none.   Raises: NotFound."""
    record = find_dataset(box, dataset_id)
    try:
        held = read_json(box.folder.dataset(record.id) / "preview.json")
    except FileNotFoundError:
        return Preview(columns=(), rows=())
    return Preview(columns=tuple(held["columns"]), rows=tuple(tuple(row) for row in held["rows"]))


def rejects(box: Appliance, who: Person, dataset_id: str) -> Path | None:
    """Return the file of the rows that could not be read (line, reason, text), None when all could.

    Raises: NotFound.
    """
    record = find_dataset(box, dataset_id)
    path = box.folder.dataset(record.id) / "dataset" / "rejects.csv"
    return path if record.rejected and path.is_file() else None


def suggest_targets(box: Appliance, who: Person, dataset_id: str) -> tuple[TargetIdea, ...]:
    """Return the columns that people will most likely want to predict, the likeliest first.   Raises: NotFound."""
    view = get_dataset(box, who, dataset_id)
    if view.schema is None or view.profile is None:
        return ()
    if view.pictures is not None:
        return _picture_targets(view.schema, view.profile, view.pictures)
    return rank_targets(view.schema, view.profile)


def target_names(view: DatasetView) -> tuple[str, ...]:
    """Return the columns that may be predicted: all of a table; of pictures, what was not measured from them."""
    if view.schema is None:
        return ()
    if view.pictures is None:
        return view.schema.names
    return tuple(
        column.name
        for column in view.schema.columns
        if column.measured_from is None and column.semantic not in ("image", "identifier")
    )


def rename_dataset(box: Appliance, who: Person, dataset_id: str, name: str) -> Dataset:
    """Give a dataset another name and return it; runs keep the name that they began with.

    Raises: NotFound, Refusal.
    """
    record, title = find_dataset(box, dataset_id), checked_title(name)
    with box.db.write() as tx:
        datasets.rename(tx, record.id, title)
        audit.append(tx, who=who.name, action="rename_dataset", object=subject_of(record.id), detail=title)
    return find_dataset(box, record.id)


def delete_dataset(box: Appliance, who: Person, dataset_id: str) -> None:
    """Delete a dataset and its files. Runs made from it keep theirs.

    Raises: NotFound; Forbidden for another person's dataset; Conflict while it is being imported.
    """
    record = find_dataset(box, dataset_id)
    if not who.is_admin and record.created_by != who.id:
        raise Forbidden(
            words("This dataset belongs to somebody else."), remedy=words("Ask them or an administrator.")
        )
    with box.db.write() as tx:
        if jobs.active(tx, subject_of(record.id)):
            raise Conflict(
                words("The dataset {name!r} is being imported.", name=record.name),
                remedy=words("Cancel the import or wait for it, then delete the dataset."),
            )
        datasets.mark_deleted(tx, record.id, now())
        jobs.drop_events(tx, subject_of(record.id))
        audit.append(
            tx, who=who.name, action="delete_dataset", object=subject_of(record.id), detail=record.name
        )
    for job in jobs.active(box.db, labels_subject(record.id)):
        box.jobs.cancel(job.id)
    folder = box.folder.dataset(record.id)
    if folder.exists():
        # One rename takes it away; a kill while its files go leaves what the next start sweeps.
        doomed = temporary_beside(folder)
        folder.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


def _picture_targets(schema: Schema, profile: Profile, facts: PictureFacts) -> tuple[TargetIdea, ...]:
    """The class of a picture is what people ask for; then whatever else came with the pictures."""
    own = schema.without(
        *(column.name for column in schema.columns if column.measured_from or column.physical == "image")
    )
    ideas = [idea for idea in rank_targets(own, profile) if idea.column != facts.label]
    if facts.label is None or len(facts.classes) < 2:
        return tuple(ideas)
    why = words("It says what each picture shows: {n:,} classes.", n=len(facts.classes))
    task: Task = "binary" if len(facts.classes) == 2 else "multiclass"
    return (TargetIdea(column=facts.label, task=task, why=why), *ideas)
