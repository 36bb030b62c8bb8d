"""At start, bring folders and rows together again: what a kill left of one without the other."""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Iterator, Set
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
    # One question a room, however much lies in it: a start waits for this.
    yield from _unknown(folder.datasets, datasets.ids(db))
    yield from _unknown(folder.runs, run_records.ids(db))
    yield from _unknown(folder.jobs, jobs.ids(db))
    # An upload that something was made of has its second name there.
    yield from _unknown(folder.uploads, uploads.waiting(db))
    yield from _unknown(folder.models, models.ids(db))
    versions = {(model, str(number)) for model, number in models.numbers(db)}
    for model in folder.models.iterdir():
        if is_id(model.name):
            yield from (path for path in model.iterdir() if (model.name, path.name) not in versions)


def _unknown(room: Path, known: Set[str]) -> Iterator[Path]:
    """What lies in a room without a row; files under names that are none of ours are not ours to judge."""
    for path in sorted(room.iterdir()):
        if path.name.startswith(".tmp-") or (is_id(path.name) and path.name not in known):
            yield path


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
