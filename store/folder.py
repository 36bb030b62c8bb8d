"""The data folder: where everything lies, and that one process alone owns it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from store.identifiers import is_id

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
#: File systems whose locks and flushes are a matter of luck (RELIABILITY R4).
NETWORK_FILE_SYSTEMS = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs", "lustre", "ncpfs"}
    | {"nfs", "nfs4", "smb3", "smbfs"}
)


class FolderOwned(Exception):
    """Another living process owns the data folder.   owner: what it wrote about itself, if that can be read."""

    def __init__(self, folder: Path, owner: Owner | None) -> None:
        super().__init__(str(folder))
        self.folder = folder
        self.owner = owner


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The process that owns a data folder.   started_at: ISO 8601 in UTC.   boot_id: of the kernel it ran under."""

    pid: int
    started_at: str
    host: str
    boot_id: str


@dataclass(frozen=True)
class DataFolder:
    """The places in a data folder. It only names them; `create` makes the folders."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "aimass.duckdb"

    @property
    def commits(self) -> Path:
        """The counter that tells whether the database lost what it had promised."""
        return self.root / "commits.json"

    @property
    def clock(self) -> Path:
        """Where the even clock is kept over a restart."""
        return self.root / "clock.json"

    @property
    def lock(self) -> Path:
        return self.root / ".lock"

    @property
    def datasets(self) -> Path:
        return self.root / "datasets"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def services(self) -> Path:
        return self.root / "services"

    @property
    def jobs(self) -> Path:
        return self.root / "jobs"

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def weights(self) -> Path:
        """What administrators imported of networks that others trained."""
        return self.root / "weights"

    @property
    def cache(self) -> Path:
        """Safe to delete while nothing runs."""
        return self.root / "cache"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def rooms(self) -> tuple[Path, ...]:
        """Every folder directly below the root."""
        return (
            *(self.datasets, self.runs, self.models, self.services),
            *(self.jobs, self.uploads, self.weights, self.cache, self.logs),
        )

    def dataset(self, dataset_id: str) -> Path:
        """Return the folder of a dataset.   Raises: ValueError for what is no identifier."""
        return self.datasets / _checked(dataset_id)

    def run(self, run_id: str) -> Path:
        """Return the folder of a run.   Raises: ValueError for what is no identifier."""
        return self.runs / _checked(run_id)

    def job(self, job_id: str) -> Path:
        """Return the folder of a job.   Raises: ValueError for what is no identifier."""
        return self.jobs / _checked(job_id)

    def upload(self, upload_id: str) -> Path:
        """Return the file of an upload.   Raises: ValueError for what is no identifier."""
        return self.uploads / _checked(upload_id)

    def model_version(self, model_id: str, version: int) -> Path:
        """Return the folder of a model version.   Raises: ValueError for what is no identifier."""
        return self.models / _checked(model_id) / str(int(version))

    def create(self) -> None:
        """Make what is missing, readable by its owner alone.   Raises: OSError."""
        for folder in (self.root, *self.rooms):
            folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            if stat.S_IMODE(folder.stat().st_mode) != PRIVATE_FOLDER:
                folder.chmod(PRIVATE_FOLDER)


class FolderClaim:
    """The right to work in a data folder, held for as long as this object is open and its process lives.

    A `flock` on a file of its own: it frees itself when its holder dies, and no child started by `subprocess` keeps
    it (RELIABILITY facts 2 and 3). Use it as a context manager, or call `release`.
    """

    def __init__(self, folder: DataFolder) -> None:
        """Create and claim the folder.   Raises: FolderOwned naming who has it; OSError."""
        folder.create()
        self._descriptor = os.open(folder.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise FolderOwned(folder.root, read_owner(folder)) from error
        except OSError:
            os.close(self._descriptor)
            raise
        self.owner = _myself()
        text = json.dumps(asdict(self.owner)).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text, 0)
        os.fsync(self._descriptor)
        self._open = True

    def release(self) -> None:
        """Let the folder go; a second call does nothing."""
        if self._open:
            self._open = False
            os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.release()


def read_owner(folder: DataFolder) -> Owner | None:
    """Return what the folder's last owner wrote about itself; None where that cannot be read."""
    try:
        return Owner(**json.loads(folder.lock.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def is_claimed(folder: DataFolder) -> bool:
    """Tell whether a living process owns the folder. Nothing is created."""
    return lock_is_held(folder.lock)


def lock_is_held(path: Path) -> bool:
    """Tell whether a living process holds the lock at `path`; it is not created."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def network_file_system(path: Path, mounts: str | None = None) -> str | None:
    """Return the kind of network file system that `path` lies on, or None for a local one.

    mounts: the text of /proc/self/mountinfo; read from there when not given.
    """
    kind = file_system(path, mounts)
    return kind if kind in NETWORK_FILE_SYSTEMS else None


def file_system(path: Path, mounts: str | None = None) -> str | None:
    """Return the kind of file system that holds `path` (or its nearest parent that exists), None if unknown."""
    if mounts is None:
        try:
            mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
    place, best, kind = path.resolve(), -1, None
    for point, name in _mounts(mounts):
        # A later mount at the same point hides the earlier one.
        if place.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), name
    return kind


def foreign_files(folder: DataFolder, limit: int = 20) -> tuple[Path, ...]:
    """Return up to `limit` paths of the folder that this user cannot write to, as after work done as root."""
    found = []
    for path in _walk(folder.root):
        if not path.is_symlink() and not os.access(path, os.R_OK | os.W_OK):
            found.append(path)
            if len(found) == limit:
                break
    return tuple(found)


def _walk(root: Path) -> Iterator[Path]:
    """The root, its entries, and theirs: deep enough for what the box itself opens, cheap with many runs."""
    yield root
    with contextlib.suppress(OSError):
        for entry in sorted(root.iterdir()):
            yield entry
            if entry.is_dir() and not entry.is_symlink():
                with contextlib.suppress(OSError):
                    yield from sorted(entry.iterdir())


def _mounts(text: str) -> Iterator[tuple[Path, str]]:
    for line in text.splitlines():
        mount, _, rest = line.partition(" - ")
        fields = mount.split(" ")
        if len(fields) > 4 and rest:
            # mountinfo writes a space as \040 and so on.
            yield (
                Path(fields[4].encode("latin-1", "replace").decode("unicode_escape")),
                rest.split(" ", 1)[0],
            )


def _checked(identifier: str) -> str:
    if not is_id(identifier):
        raise ValueError(f"Not an identifier: {identifier[:80]!r}")
    return identifier


def _myself() -> Owner:
    return Owner(
        pid=os.getpid(),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        host=socket.gethostname(),
        boot_id=boot_id(),
    )


def boot_id() -> str:
    """Return the kernel's identifier of this boot; "" where there is none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
