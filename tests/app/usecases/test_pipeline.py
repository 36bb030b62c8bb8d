"""What a person is told when a run ends, well or badly."""

from __future__ import annotations

import errno
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from app.usecases.pipeline import (
    PROGRESS_EVERY_S,
    closing_words,
    explain_duckdb_error,
    explain_os_error,
    keep_trace,
    run_table,
)
from engine.errors import BadCommand, NoSpace, WorkFailed
from engine.specs.run import RunPaths, RunSpec
from store.runs import read_events
from tests.runs import SETTINGS, run_quickly


@pytest.mark.slow
def test_the_closing_words_name_score_advice_and_files(finished: RunPaths) -> None:
    words = closing_words(finished)
    assert "ROC AUC: 0." in words and "baseline" in words
    assert str(finished.model) in words and str(finished.report_page) in words
    assert "AM" in words


def test_a_full_disk_is_said_so() -> None:
    out = Path("somewhere")
    assert isinstance(explain_os_error(OSError(errno.ENOSPC, "No space left on device"), out), NoSpace)
    full = duckdb.IOException("IO Error: Could not write file: No space left on device")
    assert isinstance(explain_duckdb_error(full, out), NoSpace)
    memory = explain_duckdb_error(duckdb.OutOfMemoryException("could not allocate block"), out)
    assert isinstance(memory, WorkFailed) and "AIMASS_MEMORY_GIB" in memory.remedy


def test_bad_data_leaves_no_folder(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("a,y\n" + "1,same\n" * 50)
    with pytest.raises(Exception, match="'y'"):
        run_quickly(data, tmp_path / "out", target="y")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_unknown_columns_to_drop_are_named(cancer: Path, tmp_path: Path) -> None:
    with pytest.raises(BadCommand, match="'colour'"):
        run_quickly(cancer, tmp_path / "out", target="finding", drop=("colour",))
    with pytest.raises(BadCommand, match="it is the target"):
        run_quickly(cancer, tmp_path / "out", target="finding", drop=("finding",))


@pytest.mark.slow
def test_every_event_reaches_the_listener(cancer: Path, tmp_path: Path) -> None:
    heard: list[str] = []
    spec = RunSpec(data=str(cancer), target="finding", families=("linear",), time_limit_s=30.0)
    run_table(spec, tmp_path / "out", SETTINGS, lambda event: heard.append(str(event["event"])))
    assert heard[0] == "step_started" and heard[-1] == "run_finished"
    assert {"model_started", "model_finished", "step_finished", "step_progress"} <= set(heard)


def test_a_trace_is_kept_beside_the_run(tmp_path: Path) -> None:
    assert keep_trace(tmp_path, "Traceback …").read_text() == "Traceback …"


@pytest.mark.slow
def test_a_quick_models_progress_is_told_sparingly_and_kept_whole(finished: RunPaths) -> None:
    told = [e for e in read_events(finished.folder) if e["event"] == "model_progress"]
    for name in {event["candidate"] for event in told}:
        times = [event["elapsed_s"] for event in told if event["candidate"] == name]
        assert min((b - a for a, b in pairwise(times)), default=1.0) >= PROGRESS_EVERY_S - 0.002
        assert finished.record(name).exists()
