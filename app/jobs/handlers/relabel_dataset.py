"""Write a set of pictures anew with the labels that people gave it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from app.jobs.context import Job
from app.usecases.picture_files import BASE, EDITS, PictureFiles
from app.usecases.run_files import link_or_copy
from engine.files import publish_folder, read_json, sweep_temporary, write_json
from engine.modalities.image.describe import describe_pictures
from engine.modalities.image.labelling import edits_of
from engine.modalities.image.relabel import relabel
from engine.modalities.image.thumbnails import THUMBNAILS, select_thumbnails
from engine.modalities.table import profile_table
from engine.modalities.table.importing import DATA, SCHEMA, SUMMARY
from engine.modalities.table.preview import first_rows
from engine.providers.fingerprint import fingerprint
from engine.specs.codec import from_json, to_json
from engine.specs.dataset import ImportSummary
from engine.specs.schema import Schema
from engine.words import words
from store import edits

PREVIEW_ROWS = 200


def relabel_dataset(job: Job) -> dict[str, Any]:
    """Do what is not done yet: the table with its new labels, its thumbnails, its profile.

    Arguments: dataset_id, of the new set; its folder has what it is made from in `BASE`.   source_name: what the
        table is called among its sources.
    Returns:   {"sha256", "rows", "columns", "rejected"}.   Raises: AimassError.
    """
    folder = job.data.dataset(str(job.arguments["dataset_id"]))
    base, dataset = PictureFiles(folder / BASE), folder / "dataset"
    sweep_temporary(folder)
    job.progress(0.0, words("Writing the pictures with their new labels"))
    if not dataset.exists():
        changes = edits_of(edits.read(folder / BASE / EDITS))

        def fill(place: Path) -> None:
            facts = base.facts
            kept = relabel(
                base.folder / "dataset", place, label=facts.label if facts else None, edits=changes,
                progress=lambda share: job.progress(0.7 * share),
            )  # fmt: skip
            select_thumbnails(base.thumbnails, kept, folder / THUMBNAILS)

        publish_folder(dataset, fill)
    schema = from_json(Schema, read_json(dataset / SCHEMA))
    source = _own_source(folder, dataset, str(job.arguments["source_name"]))
    describe_pictures(dataset / DATA, schema, folder)
    job.progress(0.85, words("Describing the columns"))
    profile = profile_table(dataset / DATA, schema, target=None, limits=job.limits())
    write_json(folder / "preview.json", first_rows(dataset / DATA, PREVIEW_ROWS))
    # The profile is last: with it the dataset is whole.
    write_json(folder / "profile.json", to_json(profile))
    shutil.rmtree(folder / BASE, ignore_errors=True)
    summary = from_json(ImportSummary, read_json(dataset / SUMMARY))
    return {
        "sha256": fingerprint(source).sha256,
        "rows": summary.rows_imported,
        "columns": len(schema.columns),
        "rejected": summary.rows_rejected,
    }


def _own_source(folder: Path, dataset: Path, name: str) -> Path:
    """Give the table a name among the sources: it is what runs on this version are made from, and name by its hash."""
    source = folder / "source" / name
    source.parent.mkdir(mode=0o700, exist_ok=True)
    if not source.exists():
        link_or_copy(dataset / DATA, source)
    return source
