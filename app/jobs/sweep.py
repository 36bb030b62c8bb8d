"""At start, bring folders and rows together again: what a kill left of one without the other."""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.words import words
from store import datasets, jobs, models, run_records, uploads
from store.database import Database
from store.folder import DataFolder
from store.identifiers import is_id

#: Younger ones may belong to work that has only begun (RELIABILITY I3).
ORPHAN_AGE_S = 3600.0
_log = logging.getLogger(__name__)


def sweep(db: Database, folder: DataFolder, *, older_than_s: float = ORPHAN_AGE_S) -> tuple[Path, ...]:
    """Remove what no row speaks of, and settle datasets whose import nobody does; return what was removed.

    Datasets, runs, models and their versions, and jobs each have a row and a folder; the folder is written first and
    removed last, so a folder without a row was never finished or is deleted already (RELIABILITY R2, F07).
    Call it before anything else writes here.   Raises: duckdb.Error; files that cannot be removed are left.
    """
    before = time.time() - older_than_s
    removed = tuple(path for path in _orphans(db, folder) if _remove(path, before))
    for path in removed:
        _log.warning("Removed %s: nothing speaks of it.", path)
    _settle_imports(db)
    return removed


def _orphans(db: Database, folder: DataFolder) -> Iterator[Path]:
    yield from _unknown(folder.datasets, lambda name: _is_kept(datasets.get(db, name)))
    yield from _unknown(folder.runs, lambda name: _is_kept(run_records.get(db, name)))
    yield from _unknown(folder.jobs, lambda name: jobs.get(db, name) is not None)
    # An upload that something was made of has its second name there.
    yield from _unknown(folder.uploads, lambda name: _waits(uploads.get(db, name)))
    yield from _unknown(folder.models, lambda name: models.get(db, name) is not None)
    for model in folder.models.iterdir():
        if is_id(model.name):
            numbers = {str(version.version) for version in models.versions(db, model.name)}
            yield from (path for path in model.iterdir() if path.name not in numbers)


def _unknown(room: Path, is_known: Callable[[str], bool]) -> Iterator[Path]:
    """What lies in a room without a row; files under names that are none of ours are not ours to judge."""
    for path in sorted(room.iterdir()):
        if path.name.startswith(".tmp-") or (is_id(path.name) and not is_known(path.name)):
            yield path


def _is_kept(record: datasets.Dataset | run_records.RunRecord | None) -> bool:
    return record is not None and record.deleted_at is None


def _waits(upload: uploads.Upload | None) -> bool:
    return upload is not None and upload.consumed_at is None


def _remove(path: Path, before: float) -> bool:
    with contextlib.suppress(OSError):
        if path.stat().st_mtime > before:
            return False
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
        return True
    return False


def _settle_imports(db: Database) -> None:
    """A dataset whose job is gone would wait for ever."""
    for record in datasets.list(db, limit=10_000):
        if record.state == "importing" and not jobs.active(db, f"dataset:{record.id}"):
            with db.write() as tx:
                datasets.set_failed(
                    tx,
                    record.id,
                    str(words("The import was interrupted. Start it again or upload the file again.")),
                )
