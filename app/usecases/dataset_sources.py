"""Where datasets come from: a file that a person uploaded, or one from a folder of this machine."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.usecases.dataset_access import find_dataset, subject_of
from app.usecases.naming import checked_title
from app.usecases.person import Person
from app.usecases.refusals import Conflict, NotFound, TooLarge
from app.usecases.run_files import link_or_copy
from app.usecases.uploads import find as find_upload
from app.wiring import Appliance
from engine.errors import NoSpace
from engine.modalities.catalogue import modality_of
from engine.providers.folder import FolderEntry, file_in, folder_in, list_folder, walk_folder
from engine.words import words
from store import audit, datasets, uploads
from store.datasets import Dataset
from store.folder import PRIVATE_FOLDER
from store.identifiers import new_id
from store.jobs import JobRecord
from store.table import Writes, now
from store.uploads import Upload

_MOST_NAME_BYTES = 120
_UNFIT = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]")


@dataclass(frozen=True, kw_only=True)
class FolderRoot:
    """A folder of this machine that datasets may be made from.   title: its whole path."""

    id: str
    title: str


def create_from_upload(box: Appliance, who: Person, upload_id: str, *, name: str | None = None) -> Dataset:
    """Make a dataset of one of the caller's whole uploads and queue its import.

    name: for people; the file's own when not given.
    Raises: NotFound; Conflict when it is not whole yet or was used; TooLarge; NoSpace; Refusal for the name.
    """
    upload = whole_upload(box, who, upload_id)
    check_size(box, upload.bytes)
    title = checked_title(name) if name is not None else _title(upload.name)
    dataset_id, file_name = new_id(), safe_name(upload.name)
    source = box.folder.dataset(dataset_id) / "source"

    def together(tx: Writes, job: JobRecord) -> None:
        if not uploads.consume(tx, upload.id, now()):
            raise used(upload)
        datasets.add(tx, _record(dataset_id, title, file_name, upload.bytes, who, job))
        audit.append(tx, who=who.name, action="create_dataset", object=subject_of(dataset_id), detail=title)

    try:
        source.mkdir(mode=PRIVATE_FOLDER, parents=True)
        # A second name first and the rows next: a kill in between costs an orphan, never the upload.
        link_or_copy(box.folder.upload(upload.id), source / file_name)
        box.jobs.submit(
            "import_dataset",
            subject=subject_of(dataset_id),
            title=title,
            created_by=who.id,
            arguments=_arguments(box, dataset_id, upload.bytes),
            together=together,
        )
    except BaseException as error:
        shutil.rmtree(source.parent, ignore_errors=True)
        if isinstance(error, FileNotFoundError):
            raise used(upload) from error
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _no_space() from error
        raise
    with contextlib.suppress(OSError):
        box.folder.upload(upload.id).unlink()
    return find_dataset(box, dataset_id)


def server_folders(box: Appliance, who: Person) -> tuple[FolderRoot, ...]:
    """Return the folders of this machine that AIMASS_DATA_ROOTS offers; none unless it is set."""
    return tuple(FolderRoot(id=str(i), title=root) for i, root in enumerate(box.serve.data_roots))


def browse(box: Appliance, who: Person, root_id: str, path: str = "") -> tuple[FolderEntry, ...]:
    """Return what lies in a folder below a root; links and hidden names are left out.

    Raises: NotFound, BadCommand.
    """
    return list_folder(_root(box, root_id), path)


def holds_pictures(box: Appliance, who: Person, root_id: str, path: str) -> bool:
    """Tell by the names in a folder below a root whether a dataset can be made of it.

    Raises: NotFound, BadCommand.
    """
    folder = folder_in(_root(box, root_id), path)
    return folder is not None and modality_of(folder).opens_archives


def create_from_folder(
    box: Appliance, who: Person, root_id: str, path: str, *, name: str | None = None
) -> Dataset:
    """Make a dataset of a file on this machine, or of a folder of pictures, and queue its import.

    The import copies it first; a folder becomes one archive, so that a dataset is always one file.
    Raises: NotFound, BadCommand for a path that leads nowhere or outside, TooLarge, Refusal for the name.
    """
    root = _root(box, root_id)
    folder = folder_in(root, path)
    if folder is not None and modality_of(folder).opens_archives:
        size = sum(file.bytes for file in walk_folder(folder))
        original, file_name = folder.name, safe_name(f"{folder.name}.zip")
    else:
        file = file_in(root, path)
        size = file.stat().st_size
        original, file_name = file.name, safe_name(file.name)
    check_size(box, size)
    title = checked_title(name) if name is not None else _title(original)
    dataset_id = new_id()

    def together(tx: Writes, job: JobRecord) -> None:
        datasets.add(tx, _record(dataset_id, title, file_name, size, who, job))
        audit.append(tx, who=who.name, action="create_dataset", object=subject_of(dataset_id), detail=title)

    copy = {"copy_root": str(root), "copy_path": path, "copy_name": file_name}
    box.jobs.submit(
        "import_dataset",
        subject=subject_of(dataset_id),
        title=title,
        created_by=who.id,
        arguments=_arguments(box, dataset_id, size) | copy,
        together=together,
    )
    return find_dataset(box, dataset_id)


def safe_name(name: str) -> str:
    """Return a file name that any disk takes and nothing climbs by; its ending, which tells the format, is kept.

    >>> safe_name("../../etc/p*sswd.CSV"), safe_name("销售 2024.csv"), safe_name("..")
    ('p_sswd.CSV', '销售 2024.csv', 'table')
    """
    last = _UNFIT.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip().lstrip(".~").strip()
    path = PurePosixPath(last or "table")
    suffix = path.suffix if len(path.suffix) <= 16 and path.suffix.isascii() else ""
    stem = path.name.removesuffix(suffix) or "table"
    room = _MOST_NAME_BYTES - len(suffix)
    return stem.encode("utf-8", "replace")[:room].decode("utf-8", "ignore") + suffix


def _arguments(box: Appliance, dataset_id: str, size: int) -> dict[str, str | int]:
    return {"dataset_id": dataset_id, "max_bytes": box.serve.max_upload_bytes, "input_bytes": size}


def whole_upload(box: Appliance, who: Person, upload_id: str) -> Upload:
    """Return one of the caller's uploads that arrived and waits.   Raises: NotFound, Conflict."""
    upload = find_upload(box, who, upload_id)
    if upload.consumed_at is not None:
        raise used(upload)
    if upload.finished_at is None:
        raise Conflict(
            words("The file {name!r} has not arrived as a whole yet.", name=upload.name),
            remedy=words("Choose the same file again: the upload goes on where it stopped."),
        )
    return upload


def used(upload: Upload) -> Conflict:
    """Return the refusal of an upload that somebody took."""
    return Conflict(
        words("The upload of {name!r} has been used already.", name=upload.name),
        remedy=words("Look for it among the datasets, or upload the file again."),
    )


def check_size(box: Appliance, size: int) -> None:
    """Let a file of `size` bytes pass.   Raises: TooLarge."""
    most = box.serve.max_upload_bytes
    if size > most:
        raise TooLarge(
            words(
                "The file is too large. Expected: at most {most:,} bytes. Received: {size:,}.",
                most=most,
                size=size,
            ),
            remedy=words("Give a part of it, or raise AIMASS_MAX_UPLOAD_GIB."),
        )


def _record(dataset_id: str, title: str, file_name: str, size: int, who: Person, job: JobRecord) -> Dataset:
    return Dataset(
        id=dataset_id,
        name=title,
        state="importing",
        source_name=file_name,
        bytes=size,
        created_by=who.id,
        created_at=now(),
        job_id=job.id,
    )


def _title(file_name: str) -> str:
    """A name for people made of the file's: "sales.csv.gz" → "sales"."""
    name = safe_name(file_name)
    for _ in range(2):
        name = os.path.splitext(name)[0] or name
    return checked_title(name[:100])


def _root(box: Appliance, root_id: str) -> Path:
    roots = box.serve.data_roots
    if not root_id.isdecimal() or int(root_id) >= len(roots):
        raise NotFound(
            words("There is no such folder."),
            remedy=words("Choose one from the list, or name one in AIMASS_DATA_ROOTS."),
        )
    return Path(roots[int(root_id)])


def _no_space() -> NoSpace:
    return NoSpace(
        words("The disk is full; nothing was changed."), remedy=words("Free some space and try again.")
    )
