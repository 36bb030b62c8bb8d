"""Know a process again after a restart, tell whether it lives, end it with everything it started, and bound it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from store.folder import PRIVATE_FILE, boot_id

#: The attempt's token in a worker's environment: a worker that took no lock yet is still found by it (RELIABILITY R7).
TOKEN_VARIABLE = "AIMASS_JOB_TOKEN"
#: The data folder that a worker belongs to: strangers of an earlier life of the server are found by it.
DATA_VARIABLE = "AIMASS_JOB_DATA"
#: Makes a worker write into its log where each of its threads stands, even one that holds the interpreter.
TRACE_SIGNAL = signal.SIGUSR2
_LAST_S = 5
#: Fields 3, 5, 14 to 17 and 22 of /proc/PID/stat, counted after the name.
_STAT_STATE, _STAT_GROUP, _STAT_TIMES, _STAT_START = 0, 2, slice(11, 15), 19


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One process, and no later one that happens to get its number.

    start_ticks: clock ticks after boot (field 22 of /proc/PID/stat).   token: of the job's attempt it works on.
    """

    pid: int
    start_ticks: int
    boot_id: str
    token: str = ""


def identify(pid: int, *, token: str = "") -> Identity | None:
    """Return who process `pid` is now; None when there is none or it is dead and only waits to be collected."""
    found = _stat(pid)
    if found is None or found[_STAT_STATE] in ("Z", "X"):
        return None
    return Identity(pid=pid, start_ticks=int(found[_STAT_START]), boot_id=boot_id(), token=token)


def is_running(identity: Identity) -> bool:
    """Tell whether exactly this process lives."""
    now = identify(identity.pid, token=identity.token)
    return now == identity


def find_by_token(token: str) -> Identity | None:
    """Look through this user's processes for the worker of an attempt: one may live that has not yet said so."""
    return next((worker for worker in _workers() if worker[0].token == token), (None, ""))[0]


def workers_of(data_folder: Path) -> list[Identity]:
    """Return every living worker of a data folder, whoever started it."""
    return [worker for worker, folder in _workers() if folder == str(data_folder.resolve())]


def _workers() -> Iterator[tuple[Identity, str]]:
    """Every worker of this user that leads its process group, with its data folder: their children are not asked."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            pairs = (entry / "environ").read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        variables = dict(pair.partition("=")[::2] for pair in pairs)
        token = variables.get(TOKEN_VARIABLE)
        pid = int(entry.name)
        with contextlib.suppress(OSError):
            if token and os.getpgid(pid) == pid and (found := identify(pid, token=token)) is not None:
                yield found, variables.get(DATA_VARIABLE, "")


def start(argv: Sequence[str], *, log: Path, environment: Mapping[str, str], folder: Path) -> int:
    """Start a worker in a session of its own, with both outputs appended to `log`, and return its process id.

    It keeps no descriptor of ours, so it holds none of our locks (RELIABILITY fact 3).   Raises: OSError.
    """
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        child = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env=dict(environment),
            start_new_session=True,
        )
    finally:
        os.close(output)
    # The worker may outlive us, and `collect` waits for it by its number, as for one that was started before a
    # restart in place. Popen must neither wait for it nor warn that it still runs.
    child.returncode = 0
    return child.pid


def collect(pid: int) -> int | None:
    """Return how a child of ours ended: exit code, or minus the signal. None while it runs or is not our child."""
    with contextlib.suppress(ChildProcessError):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found == pid:
            return os.waitstatus_to_exitcode(status)
    return None


def collect_known(identity: Identity) -> int | None:
    """As `collect`, for a child that was started before a restart in place; never another one with its number."""
    found = _stat(identity.pid)
    if found is None or int(found[_STAT_START]) != identity.start_ticks:
        return None
    return collect(identity.pid)


def end(identity: Identity, number: signal.Signals) -> bool:
    """Signal a worker and everything in its process group; False when it is no longer there."""
    if not is_running(identity):
        return False
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(identity.pid, number)
        return True
    return False


def busy_s(identity: Identity) -> float:
    """Return the seconds of processor time that a worker and everything in its process group have used."""
    ticks = 0
    for entry in Path("/proc").iterdir():
        found = _stat(int(entry.name)) if entry.name.isdigit() else None
        if found is not None and int(found[_STAT_GROUP]) == identity.pid:
            ticks += sum(map(int, found[_STAT_TIMES]))
    return ticks / os.sysconf("SC_CLK_TCK")


class LifeLock:
    """A worker's sign of life: a lock that it takes once and never gives back, with its identity written inside."""

    def __init__(self, path: Path) -> None:
        """Open the file.   Raises: OSError, as when the job's folder is gone."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)

    def take(self) -> bool:
        """Take the lock if nobody has it."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def sign(self, identity: Identity) -> None:
        """Write who holds it."""
        text = json.dumps(asdict(identity)).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text, 0)

    def close(self) -> None:
        """Give the lock back; a worker lets its end do that."""
        os.close(self._descriptor)


def read_holder(path: Path) -> Identity | None:
    """Return who signed the lock at `path` last; None where that cannot be read."""
    try:
        return Identity(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def out_of_memory_kills() -> int:
    """Return how often the kernel ended a process for want of memory: in our control group, else on this machine."""
    group = _first_line_with("/proc/self/cgroup", "0::")
    counts = [
        _first_line_with(f"/sys/fs/cgroup{group.strip()}/memory.events", "oom_kill ") if group else "",
        _first_line_with("/proc/vmstat", "oom_kill "),
    ]
    return next((int(count) for count in counts if count.strip().isdigit()), 0)


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a process that reads a stranger's file may take (RELIABILITY R10).

    memory_bytes: address space, far more than what it really uses.   cpu_s: processor time of all threads.
    file_bytes: of any one file it writes.   open_files: descriptors.
    """

    memory_bytes: int
    cpu_s: int
    file_bytes: int
    open_files: int = 1024


def bound_myself(bounds: Bounds) -> None:
    """Take these bounds on, for good: beyond them memory, files and time are refused to this process."""
    for kind, most in (
        (resource.RLIMIT_AS, bounds.memory_bytes),
        (resource.RLIMIT_CPU, bounds.cpu_s),
        (resource.RLIMIT_FSIZE, bounds.file_bytes),
        (resource.RLIMIT_NOFILE, bounds.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        if kind == resource.RLIMIT_CPU and (hard == resource.RLIM_INFINITY or soft + _LAST_S <= hard):
            # The soft limit is told by a signal of its own, the hard one by SIGKILL, which could be anything.
            resource.setrlimit(kind, (soft, soft + _LAST_S))
        else:
            resource.setrlimit(kind, (soft, soft))


def yield_to_others() -> None:
    """Let the portal go first for the processor, and let the kernel end this process first when memory runs out."""
    with contextlib.suppress(OSError):
        os.nice(10)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name stands in brackets and may hold anything, a bracket too.
    return text.rpartition(")")[2].split()


def _first_line_with(path: str, start_of_line: str) -> str:
    with contextlib.suppress(OSError):
        for line in Path(path).read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(start_of_line):
                return line.removeprefix(start_of_line)
    return ""
