"""Read a dataset's file into rows, describe them, and keep the first ones for people to look at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from app.jobs.context import Job
from engine.errors import BadData
from engine.files import publish_folder, read_json, sweep_temporary, write_json
from engine.modalities.catalogue import modality_of
from engine.modalities.image.describe import describe_pictures
from engine.modalities.table import profile_table
from engine.modalities.table.importing import DATA, SCHEMA, SUMMARY
from engine.modalities.table.preview import first_rows
from engine.providers.archive import most_unpacked, unpack_only_table
from engine.providers.files import pack_folder
from engine.providers.fingerprint import fingerprint
from engine.providers.folder import file_in, folder_in
from engine.specs.codec import from_json, to_json
from engine.specs.dataset import ImportSummary
from engine.specs.schema import Schema
from engine.words import words

PREVIEW_ROWS = 200
_BLOCK = 4 << 20


def import_dataset(job: Job) -> dict[str, Any]:
    """Do what is not done yet: the table, then its profile, then its preview.

    Arguments: dataset_id; max_bytes: most that a packed file may hold.
    Returns:   {"sha256", "rows", "columns", "rejected"}.   Raises: AimassError.
    """
    folder = job.data.dataset(str(job.arguments["dataset_id"]))
    max_bytes = int(job.arguments["max_bytes"])
    sweep_temporary(folder)
    if "copy_path" in job.arguments:
        _copy(job, folder / "source")
    source = _only_file(folder / "source")
    job.progress(0.0, words("Reading the file"))
    known = fingerprint(source)
    dataset = folder / "dataset"
    if not dataset.exists():
        publish_folder(dataset, lambda place: _import(job, source, place, max_bytes))
    schema = from_json(Schema, read_json(dataset / SCHEMA))
    describe_pictures(
        dataset / DATA,
        schema,
        folder,
        progress=lambda share: job.progress(0.85 + 0.1 * share, words("Making small pictures")),
    )
    job.progress(0.95, words("Describing the columns"))
    profile = profile_table(dataset / DATA, schema, target=None, limits=job.limits())
    write_json(folder / "preview.json", first_rows(dataset / DATA, PREVIEW_ROWS))
    # The profile is last: with it the dataset is whole.
    write_json(folder / "profile.json", to_json(profile))
    summary = from_json(ImportSummary, read_json(dataset / SUMMARY))
    return {
        "sha256": known.sha256,
        "rows": summary.rows_imported,
        "columns": len(schema.columns),
        "rejected": summary.rows_rejected,
    }


def _import(job: Job, source: Path, place: Path, max_bytes: int) -> None:
    modality = modality_of(source)
    if modality.opens_archives:
        limits = job.limits(max_unpacked_bytes=max_bytes)
    else:
        limits = job.limits(max_unpacked_bytes=most_unpacked(source, max_bytes))
        source = unpack_only_table(source, job.temporary, max_bytes=max_bytes)
    # From within, so that a message names the file as its owner does, and not the server's folders.
    os.chdir(source.parent)
    modality.import_data(
        Path(source.name), place, limits=limits, progress=lambda share: job.progress(0.05 + 0.8 * share)
    )


def _copy(job: Job, target: Path) -> None:
    """Bring a file of this machine into the dataset: whoever owns it may change it later, the dataset may not.

    A folder becomes one archive.
    """
    if target.exists():
        return
    told = job.arguments
    where = Path(str(told["copy_root"])), str(told["copy_path"])
    folder = folder_in(*where)
    original = folder or file_in(*where)

    def note(share: float) -> None:
        job.progress(0.05 * share, words("Copying the file"))

    def fill(place: Path) -> None:
        if folder is not None:
            pack_folder(folder, place / str(told["copy_name"]), most=int(told["max_bytes"]), progress=note)
            return
        total, done = max(1, original.stat().st_size), 0
        with original.open("rb") as source, (place / str(told["copy_name"])).open("wb") as copy:
            while block := source.read(_BLOCK):
                copy.write(block)
                done += len(block)
                if done > int(told["max_bytes"]):
                    raise _grew(original)
                note(min(1.0, done / total))

    publish_folder(target, fill)


def _grew(original: Path) -> BadData:
    return BadData(
        words("The file {name!r} is larger than a dataset may be.", name=original.name),
        remedy=words("Give a part of it, or raise AIMASS_MAX_UPLOAD_GIB."),
    )


def _only_file(folder: Path) -> Path:
    files = [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    if len(files) != 1:
        raise BadData(
            words("The dataset's file is missing. Expected one file. Received {n}.", n=len(files)),
            remedy=words("Upload the file again as a new dataset."),
        )
    return files[0]
