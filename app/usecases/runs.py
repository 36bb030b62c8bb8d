"""Run the whole pipeline on one file, in this process."""

from __future__ import annotations

import dataclasses
import difflib
import errno
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from app.settings import Settings
from engine.errors import AimassError, BadCommand, NoSpace, WorkFailed
from engine.files import write_bytes
from engine.pipeline import Run, run_pipeline
from engine.specs.codec import to_json
from engine.specs.run import RunPaths, RunSpec
from store.runs import DifferentRun, FolderInUse, FolderTaken, RunFolder

Listener = Callable[[Mapping[str, Any]], None]


def run_table(spec: RunSpec, out: Path, settings: Settings, listener: Listener) -> RunPaths:
    """Take a table to `out`/model.onnx and `out`/report.json, or go on where an earlier attempt stopped.

    listener: called with every event (a JSON-like mapping with "event"), for showing progress.
    Raises: AimassError. After BadCommand or BadData a folder that this call made is gone again.
    """
    spec = dataclasses.replace(spec, data=str(find_data(Path(spec.data))))
    folder = RunFolder(out, to_json(spec))
    try:
        with folder:
            return _run_in(folder, spec, settings, listener)
    except (FolderTaken, DifferentRun, FolderInUse) as error:
        raise _explain(error, out) from error
    except OSError as error:
        raise _explain_os_error(error, out) from error


def find_data(path: Path) -> Path:
    """Return the absolute path of a data file.   Raises: BadCommand with the nearest name in its folder."""
    if path.is_file():
        return path.resolve()
    if path.is_dir():
        raise BadCommand(
            f"{str(path)!r} is a folder. Expected: one data file (CSV, TSV, Parquet, JSON lines or Excel).",
            remedy="Name a file in it.",
        )
    names = [p.name for p in path.parent.iterdir() if p.is_file()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.5)
    raise BadCommand(
        f"There is no file {str(path)!r}.",
        remedy=f"Did you mean {str(path.parent / near[0])!r}?" if near else "Check the path.",
    )


def _run_in(folder: RunFolder, spec: RunSpec, settings: Settings, listener: Listener) -> RunPaths:
    start = time.monotonic()
    before = folder.elapsed_s()

    def clock() -> float:
        return before + time.monotonic() - start

    def emit(event: Mapping[str, Any]) -> None:
        folder.append(event, elapsed_s=clock())
        listener({**event, "elapsed_s": clock()})

    run = Run(
        spec=spec,
        paths=RunPaths(folder.path),
        clock=clock,
        emit=emit,
        threads=settings.threads,
        memory_bytes=settings.memory_bytes,
    )
    try:
        return run_pipeline(run)
    except AimassError as error:
        emit({"event": "run_failed", "message": str(error)})
        if error.exit_code == BadCommand.exit_code:
            folder.discard_if_new()
        raise
    except duckdb.Error as error:
        raise _explain_duckdb_error(error, folder.path) from error


def keep_trace(out: Path, trace: str) -> Path:
    """Write the traceback of an unforeseen failure beside the run and return its path."""
    path = out / "error.log"
    write_bytes(path, trace.encode())
    return path


def _explain(error: Exception, out: Path) -> BadCommand:
    if isinstance(error, DifferentRun):
        changes = "; ".join(f"{name}: {then!r} → {now!r}" for name, (then, now) in error.differences.items())
        return BadCommand(
            f"The folder {str(out)!r} holds a run with other settings ({changes[:500]}).",
            remedy="Repeat that command to continue it, or choose another --out.",
        )
    if isinstance(error, FolderInUse):
        return BadCommand(
            f"Another process is working in {str(out)!r}.", remedy="Wait for it, or choose another --out."
        )
    return BadCommand(
        f"The folder {str(out)!r} holds something that is not a run of AI Mass; nothing in it was touched.",
        remedy="Choose an empty or a new folder with --out.",
    )


def _explain_os_error(error: OSError, out: Path) -> AimassError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _no_space(out)
    return WorkFailed(
        f"The system refused: {error.strerror or error} ({error.filename or out}).",
        remedy="Check the permissions of the data file and the --out folder, then repeat the command.",
    )


def _explain_duckdb_error(error: duckdb.Error, out: Path) -> AimassError:
    text = str(error)
    if "No space left" in text or "disk" in text.lower():
        return _no_space(out)
    if isinstance(error, duckdb.OutOfMemoryException):
        return WorkFailed(
            "Reading the data needed more memory than it may use.",
            remedy="Raise AIMASS_MEMORY_GIB and repeat the command; it goes on where it stopped.",
        )
    return WorkFailed(
        f"The data engine failed: {text.splitlines()[0][:300]}",
        remedy="Repeat the command; if it fails again, report this line.",
    )


def _no_space(out: Path) -> NoSpace:
    return NoSpace(
        f"The disk that holds {str(out)!r} is full; what was finished is kept.",
        remedy="Free some space and repeat the command; it goes on where it stopped.",
    )
