"""Label and mend a set of pictures: changes are noted beside the imported set, which stays as it is, and become a new
version of it when somebody says so."""

from __future__ import annotations

import re
import shutil
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.usecases.dataset_access import find_dataset, subject_of
from app.usecases.naming import checked_text, checked_title
from app.usecases.person import Person
from app.usecases.picture_files import BASE, ORIGIN, Origin, PictureFiles
from app.usecases.pictures import files_of, labels_of
from app.usecases.refusals import Conflict, Refusal
from app.usecases.run_files import link_or_copy
from app.wiring import Appliance
from engine.errors import NoSpace
from engine.files import write_json
from engine.modalities.image.labelling import Labels, edits_of
from engine.specs.codec import to_json
from engine.specs.pictures import LabelEdit
from engine.words import words
from store import audit, datasets, edits
from store.datasets import Dataset
from store.folder import PRIVATE_FOLDER
from store.identifiers import new_id
from store.jobs import JobRecord
from store.table import Writes, now

MOST_CLASS_LETTERS = 120
MOST_ROWS = 5_000
#: A log of more changes is made a new version first.
MOST_CHANGES = 100_000
#: Only this process writes here (a data folder has one owner), but many threads of it do.
_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What people have changed about the labels of a set.

    edits: that stand, oldest first.   pictures: that are not as they were imported.
    classes: that pictures may get, in an order that changes do not disturb: the imported ones by name, then new ones.
    versions: ids of the datasets that were made with them.   is_made: nothing was changed since the last of these.
    """

    edits: tuple[LabelEdit, ...]
    pictures: int
    excluded: int
    classes: tuple[str, ...]
    versions: tuple[str, ...]
    is_made: bool


def changes_of(box: Appliance, who: Person, dataset_id: str) -> Changes:
    """Return what people have changed about the labels of a set of pictures.   Raises: NotFound."""
    files = files_of(box, dataset_id)
    lines = edits.read(files.edits)
    standing, (before, after) = edits_of(lines), labels_of(files)
    versions = [line for line in lines if "version" in line]
    return Changes(
        edits=standing,
        pictures=int(after.changed.sum()),
        excluded=int(after.excluded.sum()),
        classes=_classes(before, after),
        versions=tuple(str(line["version"]) for line in versions),
        is_made=bool(versions) and lines[-1] is versions[-1],
    )


def change_labels(box: Appliance, who: Person, dataset_id: str, edit: LabelEdit, *, token: str = "") -> bool:
    """Note one change; return whether it was new.

    token: names this very change: a second call with the same one does nothing, so that a click is counted once.
    Raises: NotFound; Refusal for rows or a class that cannot be.
    """
    files = files_of(box, dataset_id)
    checked = _checked(edit, files)
    with _locks[dataset_id]:
        lines = edits.read(files.edits)
        if len(lines) >= MOST_CHANGES:
            raise Refusal(
                words("This set has {n:,} changes, which is the most one can hold.", n=len(lines)),
                remedy=words("Make a new version of it, and go on there."),
            )
        if token and any(line.get("token") == token for line in lines[-1000:]):
            return False
        edits.append(files.edits, _line(who, token) | {"edit": to_json(checked)})
    return True


def undo_change(box: Appliance, who: Person, dataset_id: str, *, token: str = "") -> bool:
    """Take the last change back, whoever made it; return whether there was one.   Raises: NotFound."""
    files = files_of(box, dataset_id)
    with _locks[dataset_id]:
        lines = edits.read(files.edits)
        is_known = token and any(line.get("token") == token for line in lines[-1000:])
        if is_known or not edits_of(lines):
            return False
        edits.append(files.edits, _line(who, token) | {"undo": True})
    return True


def make_version(box: Appliance, who: Person, dataset_id: str, *, name: str) -> Dataset:
    """Make a new dataset of the set with its labels as they are now, and queue the work.

    The new folder gets its own names for the files it is made from, so that deleting the old set harms nothing.
    Raises: NotFound; Conflict when nothing was changed; Refusal for the name; NoSpace.
    """
    record, files = find_dataset(box, dataset_id), files_of(box, dataset_id)
    title = checked_title(name)
    made = _record(record, title, who)
    target = PictureFiles(box.folder.dataset(made.id))
    try:
        with _locks[dataset_id]:
            standing = edits_of(edits.read(files.edits))
            if not standing:
                raise Conflict(
                    words("Nothing about these labels was changed yet."),
                    remedy=words("Change a label first."),
                )
            _lay_base(files, target)
            origin = Origin(dataset_id=record.id, dataset_name=record.name, changes=len(standing))
            write_json(target.folder / ORIGIN, to_json(origin))
            job = _submit(box, who, made)
            edits.append(files.edits, _line(who, "") | {"version": made.id})
    except OSError as error:
        shutil.rmtree(target.folder, ignore_errors=True)
        raise NoSpace(
            words("The disk is full, so the new version could not be begun."),
            remedy=words("Free some space, then try again."),
        ) from error
    except BaseException:
        shutil.rmtree(target.folder, ignore_errors=True)
        raise
    return replace(made, job_id=job.id)


def _classes(before: Labels, after: Labels) -> tuple[str, ...]:
    """Return the names of the classes; one that a rename has emptied is none any more."""
    filled = {after.classes[code] for code in np.unique(after.codes) if code >= 0}
    imported = sorted(before.classes, key=_natural)
    new = after.classes[len(before.classes) :]
    return tuple(name for name in (*imported, *new) if name in filled)


def _natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """Order "2" before "10".   >>> sorted(["b10", "b2"], key=_natural)
    ['b2', 'b10']
    """
    parts = re.split(r"([0-9]{1,15})", name.casefold())
    return tuple((0, int(part)) if part.isascii() and part.isdigit() else (1, part) for part in parts if part)


def _submit(box: Appliance, who: Person, made: Dataset) -> JobRecord:
    def together(tx: Writes, job: JobRecord) -> None:
        datasets.add(tx, replace(made, job_id=job.id))
        audit.append(tx, who=who.name, action="relabel_dataset", object=subject_of(made.id), detail=made.name)

    return box.jobs.submit(
        "relabel_dataset",
        subject=subject_of(made.id),
        title=made.name,
        created_by=who.id,
        arguments={"dataset_id": made.id, "source_name": made.source_name},
        together=together,
    )


def _lay_base(files: PictureFiles, target: PictureFiles) -> None:
    base = target.folder / BASE
    (base / "dataset").mkdir(mode=PRIVATE_FOLDER, parents=True)
    for path in sorted((files.folder / "dataset").iterdir()):
        if path.is_file() and not path.name.startswith("."):
            link_or_copy(path, base / "dataset" / path.name)
    for path in (files.thumbnails, files.folder / "pictures.json"):
        link_or_copy(path, base / path.name)
    # A copy: people go on changing the old set, and a second name would follow.
    shutil.copy2(files.edits, base / files.edits.name)


def _record(record: Dataset, title: str, who: Person) -> Dataset:
    stem = Path(record.source_name).stem
    return Dataset(
        id=new_id(), name=title, state="importing", source_name=f"{stem}.parquet", bytes=record.bytes,
        created_by=who.id, created_at=now(),
    )  # fmt: skip


def _line(who: Person, token: str) -> dict[str, object]:
    return {"at": now().isoformat(timespec="seconds"), "who": who.name, "token": token}


def _checked(edit: LabelEdit, files: PictureFiles) -> LabelEdit:
    facts = files.facts
    pictures = facts.pictures if facts else 0
    if edit.action != "rename":
        _check_rows(edit.rows, pictures)
    label = _checked_class(edit.label) if edit.action in ("label", "rename") else ""
    if edit.action == "rename" and (not label or not edit.old):
        raise Refusal(words("The class has no name."), remedy=words("Give it a name."))
    return replace(edit, label=label, rows=tuple(dict.fromkeys(edit.rows)))


def _check_rows(rows: Sequence[int], pictures: int) -> None:
    is_whole = all(type(row) is int and 0 <= row < pictures for row in rows)
    if not is_whole or not 1 <= len(rows) <= MOST_ROWS:
        raise Refusal(
            words(
                "These pictures cannot be changed. Expected: 1 to {most:,} pictures of this set.",
                most=MOST_ROWS,
            ),
            remedy=words("Load the page again and choose the pictures anew."),
        )


def _checked_class(name: str) -> str:
    return checked_text(name, most=MOST_CLASS_LETTERS).replace("\n", " ")
