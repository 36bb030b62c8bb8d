"""What each step reads and leaves, and that forgetting removes exactly what a change makes void."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from engine.pipeline import WORK
from engine.specs.run import RunPaths, RunSpec
from engine.steps import STEPS, forget, step, touched_steps, whole_steps


@pytest.fixture
def full(tmp_path: Path) -> RunPaths:
    """A run folder with everything that the eight steps leave."""
    paths = RunPaths(tmp_path / "run")
    for one in STEPS:
        for path in (one.result(paths), *one.leaves(paths)):
            if path.suffix:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("{}")
            else:
                (path / "inside").mkdir(parents=True, exist_ok=True)
                (path / "inside" / "file").write_text("x")
    (paths.folder / "run.json").write_text("{}")
    return paths


def test_every_step_has_its_work() -> None:
    assert [one.name for one in STEPS] == list(WORK)


def test_every_field_of_a_spec_is_read_by_one_step() -> None:
    read = [name for one in STEPS for name in one.reads]
    assert sorted(read) == sorted({field.name for field in dataclasses.fields(RunSpec)} - {"version"})


@pytest.mark.parametrize("position", [i for i, one in enumerate(STEPS) if one.reads])
def test_forgetting_keeps_the_steps_before_and_nothing_of_those_after(full: RunPaths, position: int) -> None:
    touched = forget(full, STEPS[position].reads[:1])
    assert touched == STEPS[position:]
    assert whole_steps(full) == STEPS[:position]
    for number, one in enumerate(STEPS):
        left = [path for path in (one.result(full), *one.leaves(full)) if path.exists()]
        assert bool(left) == (number < position), one.name
    assert (full.folder / "run.json").exists()
    assert not list(full.folder.rglob(".tmp-*"))


def test_the_earliest_of_several_changes_counts() -> None:
    assert touched_steps({"metric", "seed", "families"}) == touched_steps({"seed"})
    assert touched_steps(()) == () == touched_steps({"version"})


def test_the_imported_table_outlives_another_question(full: RunPaths) -> None:
    forget(full, {"target"})
    assert full.dataset.is_dir() and full.source.exists() and not full.profile.exists()


def test_a_gap_ends_what_is_whole(full: RunPaths) -> None:
    full.plan.unlink()
    assert [one.name for one in whole_steps(full)] == ["upload", "import"]
    assert step("split").is_whole(full)
