"""A run folder has one owner, remembers what was asked, and never loses or glues an event."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from store.runs import EVENTS_NAME, DifferentRun, FolderInUse, NotARunFolder, RunFolder, read_events

SPEC = {"data": "a.csv", "target": "y", "seed": 0}


def test_a_new_folder_keeps_the_spec_and_the_events(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "run", SPEC) as folder:
        folder.append({"event": "one"}, elapsed_s=1.25)
        folder.append({"event": "二"}, elapsed_s=2.5)
    events = read_events(tmp_path / "run")
    assert [event["event"] for event in events] == ["one", "二"]
    assert json.loads((tmp_path / "run/run.json").read_text()) == SPEC


def test_elapsed_time_goes_on_over_attempts(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "run", SPEC) as folder:
        assert folder.elapsed_s() == 0.0
        folder.append({"event": "one"}, elapsed_s=7.5)
    with RunFolder(tmp_path / "run", SPEC) as folder:
        assert folder.elapsed_s() == 7.5


def test_a_torn_line_is_passed_over_and_not_glued_to(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "run", SPEC) as folder:
        folder.append({"event": "whole"}, elapsed_s=1.0)
    with (tmp_path / "run" / EVENTS_NAME).open("a") as file:
        file.write('{"time": "2026-01-01T00:00:00", "elap')
    with RunFolder(tmp_path / "run", SPEC) as folder:
        folder.append({"event": "next"}, elapsed_s=2.0)
    assert [event["event"] for event in read_events(tmp_path / "run")] == ["whole", "next"]


def test_other_settings_are_refused_field_by_field(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "run", SPEC):
        pass
    with pytest.raises(DifferentRun) as caught, RunFolder(tmp_path / "run", {**SPEC, "seed": 1}):
        pass
    assert caught.value.differences == {"seed": (0, 1)}


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(NotARunFolder), RunFolder(tmp_path, SPEC):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(NotARunFolder), RunFolder(tmp_path / "run", SPEC):
        pass


def test_what_a_kill_before_the_first_record_left_can_be_claimed(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    (tmp_path / ".tmp-run.json").write_text("{")
    with RunFolder(tmp_path, SPEC) as folder:
        folder.append({"event": "one"}, elapsed_s=0.0)
    assert len(read_events(tmp_path)) == 1


def test_discard_removes_only_what_this_call_made(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "new", SPEC) as folder:
        folder.discard_if_new()
    assert not (tmp_path / "new").exists()
    with RunFolder(tmp_path / "kept", SPEC):
        pass
    with RunFolder(tmp_path / "kept", SPEC) as folder:
        folder.discard_if_new()
    assert (tmp_path / "kept").exists()


def test_one_owner_at_a_time_and_a_killed_owner_frees_it(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time\nfrom pathlib import Path\nfrom store.runs import RunFolder\n"
            f"with RunFolder(Path({str(tmp_path / 'run')!r}), {SPEC!r}):\n"
            "    print('held', flush=True)\n    time.sleep(60)\n",
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(FolderInUse), RunFolder(tmp_path / "run", SPEC):
            pass
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        if holder.stdout is not None:
            holder.stdout.close()
    with RunFolder(tmp_path / "run", SPEC):
        pass
