"""The machine while it measures: few cores, a deadline, nothing left over, and how busy it was before."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

#: What a measurement and all its children carry, so that none of them is left over.
MARK = "AIMASS_BENCH_MEASUREMENT"
SAMPLE_S = 3.0
#: A machine that is less busy than this counts as quiet; asking again and again, a measurement waits for that.
QUIET = 0.15
WAIT_S = 20.0


class Overrun(Exception):
    """A measurement did not end by its deadline."""


class Failed(Exception):
    """A measurement ended without an answer; the message is the end of what it said."""


def model_name() -> str:
    """Return the processor's name."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else 'unknown'} × {os.cpu_count()}"


def busy_share(sample_s: float = SAMPLE_S) -> float:
    """Return which share of all cores is at work now, 0 to 1; ours are all asleep."""
    first = _ticks()
    time.sleep(sample_s)
    busy, passed = (after - before for after, before in zip(_ticks(), first, strict=True))
    return round(busy / passed, 3) if passed else 0.0


def wait_until_quiet() -> None:
    """Return as soon as the machine has nothing else to do."""
    told = False
    while (share := busy_share()) >= QUIET:
        if not told:
            print(f"  waiting: the machine is {share:.0%} busy with other work", flush=True)
            told = True
        time.sleep(WAIT_S)


def run(command: Sequence[str], *, cores: int, deadline_s: float, folder: Path, log: Path) -> float:
    """Run a command on `cores` cores and end all that it started; return its wall seconds.

    Raises: Overrun after `deadline_s`.   Failed when it exits with anything but 0.
    """
    mark = uuid.uuid4().hex
    allowed = sorted(os.sched_getaffinity(0))[:cores]
    assert len(allowed) == cores, f"This machine gives {len(allowed)} cores, {cores} are needed."
    pinned = ["taskset", "--cpu-list", ",".join(map(str, allowed)), *command]
    start = time.perf_counter()
    try:
        with log.open("wb") as output:
            done = subprocess.run(
                pinned, cwd=folder, env={**os.environ, MARK: mark}, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, timeout=deadline_s, check=False,
            )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Overrun(f"stopped after {deadline_s:.0f} s") from error
    finally:
        _end_all(mark)
    if done.returncode:
        said = [line for line in log.read_text("utf-8", errors="replace").splitlines() if line.strip()]
        raise Failed(f"exit {done.returncode}: {' / '.join(said[-3:])[-400:]}")
    return time.perf_counter() - start


def _ticks() -> tuple[int, int]:
    """Ticks of all cores since the start: at work, and in all."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)


def _end_all(mark: str) -> None:
    """End every process that carries the mark: some start helpers that outlive them."""
    sign = f"{MARK}={mark}".encode()
    for place in Path("/proc").iterdir():
        if not place.name.isdigit() or place.name == str(os.getpid()):
            continue
        try:
            if sign in (place / "environ").read_bytes().split(b"\0"):
                os.kill(int(place.name), signal.SIGKILL)
        except OSError:
            continue  # it ended by itself, or is not ours
