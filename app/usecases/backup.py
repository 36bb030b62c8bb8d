"""Copies of everything worth keeping: made while the box works, and put back into an empty folder."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.opening import open_database
from app.usecases.person import Person, require_admin
from app.version import aimass_version
from app.wiring import Appliance
from engine.errors import BadCommand, NoSpace
from engine.files import sync_folder
from engine.words import words
from store import audit, datasets, models, users
from store.folder import PRIVATE_FILE, PRIVATE_FOLDER, DataFolder, FolderClaim
from store.identifiers import new_id
from store.table import Reads, now

MANIFEST = "backup.json"
FORMAT = 1
_ROOMS = ("datasets", "runs", "models", "services", "jobs", "weights")
#: What only the running box can use; the server makes it anew.
_LEFT_OUT = frozenset({".lock", "keys.json", "stats.json", ".plane.json"})
_BLOCK = 4 << 20
#: Device and inode of a file with several names → its first copy and SHA-256.
_Copied = dict[tuple[int, int], tuple[Path, str]]


@dataclass(frozen=True, kw_only=True)
class Backup:
    """What a backup holds.   missing: datasets and models that were deleted while it was made."""

    version: str
    made_at: str
    files: int
    bytes: int
    missing: tuple[str, ...]


def make_backup(box: Appliance, who: Person, target: Path) -> Backup:
    """Copy the database as it is now, then every file it knows, to the new folder `target`; work goes on meanwhile.

    The folder appears under its name when it is whole.
    Raises: Forbidden, BadCommand when there is something at `target` or no way to write there, NoSpace.
    """
    require_admin(who)
    target = Path(os.path.abspath(target))
    if target.exists() or target.is_relative_to(box.folder.root.resolve()):
        raise BadCommand(
            words("The backup cannot be written to {target!r}.", target=str(target)),
            remedy=words("Name a folder that is not there yet, outside the data folder."),
        )
    half = target.with_name(f".tmp-{new_id()}-{target.name}")
    try:
        half.mkdir(mode=PRIVATE_FOLDER, parents=True)
        made = _fill(box, half)
        half.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    with box.db.write() as tx:
        audit.append(tx, who=who.name, action="backup", detail=str(target))
    return made


def restore(source: Path, folder: DataFolder) -> Backup:
    """Put a backup into an empty data folder, checking every byte; sessions, keys and links in it are worth nothing.

    Raises: BadCommand when `source` is no whole backup, or the folder holds data; FolderOwned, UnusableData, NoSpace.
    """
    described = _read_manifest(source)
    held = [
        path for path in (folder.database, *(folder.root / room for room in _ROOMS)) if _holds_something(path)
    ]
    if held:
        raise BadCommand(
            words(
                "The data folder {folder!r} is in use already: it has {name!r}.",
                folder=str(folder.root),
                name=held[0].name,
            ),
            remedy=words("Name another folder with --data-dir, or move this one away."),
        )
    with FolderClaim(folder):
        try:
            _put_back(source, described["files"], folder)
        except OSError as error:
            raise _cannot_write(folder.root, error) from error
        with open_database(folder) as db, db.write() as tx:
            tx.execute("DELETE FROM sessions")
            tx.execute("DELETE FROM links")
            users.revoke_keys(tx, now())
            audit.append(tx, who="console", action="restore", detail=str(described["made_at"]))
    return Backup(
        version=described["version"],
        made_at=described["made_at"],
        files=len(described["files"]),
        bytes=described["bytes"],
        missing=tuple(described["missing"]),
    )


def _fill(box: Appliance, half: Path) -> Backup:
    # The database first: what it knows is on the disk already, since files are published before their rows.
    box.db.backup(half / box.folder.database.name)
    wanted = _wanted(box.db)
    copied: _Copied = {}
    files = {box.folder.database.name: _digest(half / box.folder.database.name)}
    for path in _kept(box.folder):
        name = path.relative_to(box.folder.root)
        try:
            files[str(name)] = _copy(path, half / name, copied)
        except FileNotFoundError:
            continue  # replaced or deleted meanwhile; what matters of it is looked for below
    made = Backup(
        version=aimass_version(),
        made_at=now().isoformat(timespec="seconds"),
        files=len(files),
        bytes=sum((half / name).stat().st_size for name in files),
        missing=tuple(name for name, path in wanted if not (half / path).exists()),
    )
    _flush(half / box.folder.database.name)
    manifest = asdict(made) | {"format": FORMAT, "files": files}
    with os.fdopen(_private(half / MANIFEST), "w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    _flush_folders(half)
    return made


def _kept(folder: DataFolder) -> Iterator[Path]:
    for room in _ROOMS:
        for path in sorted((folder.root / room).rglob("*")):
            parts = path.relative_to(folder.root).parts
            # What a worker needs only while it works may be many times the file it reads.
            is_passing = any(part.startswith(".tmp-") for part in parts) or parts[::2][:2] == ("jobs", "tmp")
            is_left_out = is_passing or path.name in _LEFT_OUT
            if path.is_file() and not path.is_symlink() and not is_left_out:
                yield path


def _wanted(db: Reads) -> list[tuple[str, Path]]:
    """What the records promise: each dataset's folder and each model's file, with a name for people."""
    ready = [found for found in datasets.list(db, limit=1 << 30) if found.state == "ready"]
    wanted = [(f"dataset {found.name}", Path("datasets", found.id)) for found in ready]
    for model in models.list(db, limit=1 << 30):
        wanted += [
            (
                f"model {model.name} {found.version}",
                Path("models", model.id, str(found.version), "model.onnx"),
            )
            for found in models.versions(db, model.id)
            if found.withdrawn_at is None
        ]
    return wanted


def _copy(source: Path, target: Path, copied: _Copied) -> str:
    """Copy one file and return its SHA-256; files that are one file on the disk stay one."""
    _make_private(target.parent)
    with source.open("rb") as reading:
        found = os.fstat(reading.fileno())
        twin = copied.get((found.st_dev, found.st_ino))
        if twin is not None:
            os.link(twin[0], target)
            return twin[1]
        digest = hashlib.sha256()
        with os.fdopen(_private(target), "wb") as writing:
            while block := reading.read(_BLOCK):
                digest.update(block)
                writing.write(block)
            writing.flush()
            os.fsync(writing.fileno())
    if found.st_nlink > 1:
        copied[found.st_dev, found.st_ino] = (target, digest.hexdigest())
    return digest.hexdigest()


def _put_back(source: Path, files: dict[str, str], folder: DataFolder) -> None:
    copied: _Copied = {}
    database = folder.database.name
    folder.commits.unlink(missing_ok=True)  # of a database that is not here any more
    try:
        for name, digest in sorted(files.items(), key=lambda item: item[0] == database):
            # The database comes last: a folder without it is not taken for a box.
            if name == database:
                _flush_folders(folder.root)
            if _copy(source / name, folder.root / name, copied) != digest:
                raise BadCommand(
                    words("The file {name!r} of the backup is not what was written.", name=name),
                    remedy=words("Use another backup."),
                )
    except (BadCommand, OSError):
        folder.database.unlink(missing_ok=True)
        for room in _ROOMS:
            shutil.rmtree(folder.root / room, ignore_errors=True)
        raise


def _read_manifest(source: Path) -> dict[str, Any]:
    try:
        described = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        files = described["files"]
        known = described["format"] == FORMAT and all(
            not Path(name).is_absolute() and ".." not in Path(name).parts and (source / name).is_file()
            for name in files
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        known = False
    if not known:
        raise BadCommand(
            words("{source!r} is not a whole backup of this build or an older one.", source=str(source)),
            remedy=words("Name a folder that `aimass backup` wrote."),
        )
    return dict(described)


def _holds_something(path: Path) -> bool:
    return path.exists() and (path.is_file() or any(path.iterdir()))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make_private(folder: Path) -> None:
    """Make a folder and what is missing above it; `mkdir` gives its mode to the last one only."""
    if not folder.exists():
        _make_private(folder.parent)
        folder.mkdir(mode=PRIVATE_FOLDER)


def _flush(path: Path) -> None:
    """Let a file that another wrote reach the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _flush_folders(root: Path) -> None:
    """Let the names in a folder and in all below it reach the disk: a file's own flush does not bring its name."""
    for folder, _, _ in os.walk(root):
        sync_folder(Path(folder))


def _private(path: Path) -> int:
    """Make a file that only its owner may read, and open it."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)


def _cannot_write(target: Path, error: OSError) -> BadCommand | NoSpace:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return NoSpace(
            words("There is no room for {target!r}.", target=str(target)),
            remedy=words("Make room, then try again."),
        )
    return BadCommand(
        words("{target!r} cannot be written: {why}.", target=str(target), why=error.strerror or str(error)),
        remedy=words("Name a folder that can be written to."),
    )
