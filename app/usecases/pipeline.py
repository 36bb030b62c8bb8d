"""Run the whole pipeline on one file, in this process."""

from __future__ import annotations

import dataclasses
import errno
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from app.settings import Settings
from app.usecases.refusals import Conflict, NotFound
from app.usecases.weights import with_weights
from app.version import aimass_version
from engine.errors import AimassError, BadCommand, NoSpace, WorkFailed
from engine.files import read_json, write_bytes
from engine.modalities.catalogue import check_source
from engine.pipeline import run_pipeline
from engine.run import Run
from engine.specs.codec import from_json, to_json
from engine.specs.report import Report
from engine.specs.run import RunPaths, RunSpec
from engine.words import words
from store.folder import DataFolder
from store.runs import DifferentRun, FolderInUse, NotARunFolder, RunFolder, read_events, read_spec

#: A model's progress is told at most so often.
PROGRESS_EVERY_S = 0.1

Listener = Callable[[Mapping[str, Any]], None]


def run_table(spec: RunSpec, out: Path, settings: Settings, listener: Listener) -> RunPaths:
    """Take a table, or a folder of pictures, to `out`/model.onnx and `out`/report.json, or go on where it stopped.

    Weights of networks are those that the settings name, else those of the usual data folder.
    listener: called with every event (a JSON-like mapping with "event"), for showing progress.
    Raises: AimassError. After BadCommand or BadData a folder that this call made is gone again.
    """
    spec = dataclasses.replace(spec, data=str(check_source(Path(spec.data)).resolve()))
    settings = with_weights(settings, DataFolder(Path("data").resolve()))
    folder = RunFolder(out, to_json(spec))
    try:
        with folder:
            return _run_in(folder, spec, settings, listener, None)
    except (NotARunFolder, DifferentRun, FolderInUse) as error:
        raise _explain(error, out) from error
    except OSError as error:
        raise explain_os_error(error, out) from error


def continue_run(folder: Path, settings: Settings, listener: Listener, until: str | None = None) -> RunPaths:
    """Do the steps that are not yet whole in a run folder that holds its own spec and data, up to step `until`.

    The time limit counts the seconds that the steps which are kept or done now have worked, over all attempts: not
    the time a person takes between two steps, and not what was spent on steps that a change made void.
    listener: called with every event, as by `run_table`.   Raises: AimassError; KeyError when there is no step `until`.
    """
    try:
        held = read_spec(folder)
        spec = from_json(RunSpec, held)
        # A portal's run names its data from its own folder, so that the whole data folder may be moved.
        spec = dataclasses.replace(spec, data=str(folder / spec.data))
        with RunFolder(folder, held) as opened:
            return _run_in(opened, spec, settings, listener, until)
    except (FolderInUse, DifferentRun) as error:
        raise Conflict(
            words("Another process is working on this run."), remedy=words("Wait until its job has ended.")
        ) from error
    except FileNotFoundError as error:
        raise NotFound(
            words("A file of this run is missing: {name!r}.", name=str(error.filename or folder)),
            remedy=words("Start a new run on the dataset."),
        ) from error
    except OSError as error:
        raise explain_os_error(error, folder) from error


def _run_in(
    folder: RunFolder, spec: RunSpec, settings: Settings, listener: Listener, until: str | None
) -> RunPaths:
    start = time.monotonic()
    before = folder.elapsed_s()

    def clock() -> float:
        return before + time.monotonic() - start

    pace = _Pace()

    def emit(event: Mapping[str, Any]) -> None:
        if not pace.lets(event, clock()):
            return
        folder.append(event, elapsed_s=clock())
        listener({**event, "elapsed_s": clock()})

    run = Run(
        spec=spec,
        paths=RunPaths(folder.path),
        clock=clock,
        now=lambda: datetime.now(UTC).isoformat(timespec="seconds"),
        emit=emit,
        step_seconds=lambda: _step_seconds(folder.path),
        version=aimass_version(),
        threads=settings.threads,
        memory_bytes=settings.memory_bytes,
        weights=Path(settings.weights) if settings.weights else None,
    )
    try:
        return run_pipeline(run, until)
    except AimassError as error:
        emit({"event": "run_failed", "message": str(error)})
        if error.exit_code == BadCommand.exit_code:
            folder.discard_if_new()
        raise
    except duckdb.Error as error:
        raise explain_duckdb_error(error, folder.path) from error


class _Pace:
    """Lets a model's progress through at most every 0.1 s; quick ones would tell more than anybody can watch.

    What is left out of the curve stands in the model's own record once it is finished.
    """

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def lets(self, event: Mapping[str, Any], now: float) -> bool:
        """Say whether to pass an event on; every other kind always is.   now: seconds, never going back."""
        if event["event"] != "model_progress":
            return True
        name = str(event["candidate"])
        if now - self._last.get(name, -1.0) < PROGRESS_EVERY_S:
            return False
        self._last[name] = now
        return True


def closing_words(paths: RunPaths) -> str:
    """Return what a person should see when a run has ended: the score, the advice, where things are."""
    report = from_json(Report, read_json(paths.report))
    lines = []
    if report.evaluation is not None:
        score = report.evaluation.deciding
        beside = f" (baseline {score.baseline:.5g})" if score.baseline is not None else ""
        interval = f" [{score.interval.low:.5g}, {score.interval.high:.5g}]" if score.interval else ""
        lines.append(
            f"{score.title}: {score.value:.5g}{interval}{beside}, on {report.evaluation.rows:,} rows"
        )
    for finding in report.findings:
        option = f" ({finding.option})" if finding.option else ""
        lines.append(f"{finding.code} {finding.title}: {finding.action}{option}")
    lines += [f"Model:  {paths.model}", f"Report: {paths.report_page}"]
    return "\n".join(lines)


def _step_seconds(folder: Path) -> dict[str, float]:
    """Sum the seconds of each finished step; a step that a kill cut short counts once, when it was whole."""
    finished = read_events(folder, keep=lambda event: event["event"] == "step_finished")
    return {str(event["title"]): float(event["seconds"]) for event in finished}


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


def explain_os_error(error: OSError, out: Path) -> AimassError:
    """Say what the system refused, and what a person can do about it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _no_space(out)
    return WorkFailed(
        f"The system refused: {error.strerror or error} ({error.filename or out}).",
        remedy="Check the permissions of the data file and of the run's folder, then start it again.",
    )


def explain_duckdb_error(error: duckdb.Error, out: Path) -> AimassError:
    """Say why reading or writing data failed, and what a person can do about it."""
    text = str(error)
    if "No space left" in text or "disk" in text.lower():
        return _no_space(out)
    if isinstance(error, duckdb.OutOfMemoryException):
        return WorkFailed(
            "Reading the data needed more memory than it may use.",
            remedy="Raise AIMASS_MEMORY_GIB and start it again; it goes on where it stopped.",
        )
    return WorkFailed(
        f"The data engine failed: {text.splitlines()[0][:300]}",
        remedy="Start it again; if it fails again, report this line.",
    )


def _no_space(out: Path) -> NoSpace:
    return NoSpace(
        f"The disk that holds {str(out)!r} is full; what was finished is kept.",
        remedy="Free some space and start it again; it goes on where it stopped.",
    )
