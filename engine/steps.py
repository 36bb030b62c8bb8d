"""The eight steps as a catalogue: what each reads from the spec, what it leaves behind, and how it is forgotten."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.files import sync_folder, temporary_beside
from engine.specs.run import RunPaths


@dataclass(frozen=True, kw_only=True)
class Step:
    """One of the eight.

    reads: fields of RunSpec that change what this step leaves; a field that several steps read stands in the first.
    result: the file or folder that is there when the step is whole.
    leaves: everything the step writes besides, which means nothing without the result.
    """

    name: str
    title: str
    reads: tuple[str, ...]
    result: Callable[[RunPaths], Path]
    leaves: Callable[[RunPaths], tuple[Path, ...]] = lambda paths: ()

    def is_whole(self, paths: RunPaths) -> bool:
        """Say whether the step has been done in this run folder."""
        return self.result(paths).exists()


STEPS: tuple[Step, ...] = (
    # The imported table depends on the bytes alone, not on the question that is asked of them.
    Step(
        name="upload",
        title="Upload",
        reads=("data",),
        result=lambda paths: paths.source,
        leaves=lambda paths: (paths.dataset,),
    ),
    Step(
        name="import",
        title="Import",
        reads=("target", "task"),
        result=lambda paths: paths.profile,
        leaves=lambda paths: (paths.task,),
    ),
    Step(name="features", title="Features", reads=("plan", "drop", "keep"), result=lambda paths: paths.plan),
    Step(
        name="split",
        title="Split",
        reads=("splitter", "split_column", "test_share", "seed"),
        result=lambda paths: paths.split,
    ),
    Step(
        name="models",
        title="Model choice",
        reads=("families", "time_limit_s", "params"),
        result=lambda paths: paths.candidates,
        leaves=lambda paths: (paths.features, paths.fitted_plan),
    ),
    Step(
        name="training",
        title="Training",
        reads=("metric", "costs", "search"),
        result=lambda paths: paths.selection,
        leaves=lambda paths: (paths.models, paths.search, paths.learning),
    ),
    Step(
        name="evaluation",
        title="Evaluation",
        reads=(),
        result=lambda paths: paths.evaluation,
        leaves=lambda paths: (paths.pictures,),
    ),
    Step(
        name="publish",
        title="Publish",
        reads=(),
        result=lambda paths: paths.report,
        leaves=lambda paths: (paths.report_page, paths.card, paths.model),
    ),
)


def step(name: str) -> Step:
    """Return the step called `name`.   Raises: KeyError."""
    return {one.name: one for one in STEPS}[name]


def whole_steps(paths: RunPaths) -> tuple[Step, ...]:
    """Return the steps that are done, in order, up to the first that is not."""
    done = []
    for one in STEPS:
        if not one.is_whole(paths):
            break
        done.append(one)
    return tuple(done)


def touched_steps(changed_fields: Iterable[str]) -> tuple[Step, ...]:
    """Return the first step that reads one of these fields of RunSpec, and every step after it."""
    changed = set(changed_fields)
    first = next((i for i, one in enumerate(STEPS) if changed.intersection(one.reads)), len(STEPS))
    return STEPS[first:]


def forget(paths: RunPaths, changed_fields: Iterable[str]) -> tuple[Step, ...]:
    """Remove what the touched steps left, so that the next attempt does them again; earlier steps stay whole.

    A kill at any moment leaves a shorter run, never a mixed one: the last step goes first, each by its result first.
    Returns: the touched steps, done or not.
    """
    touched = touched_steps(changed_fields)
    for one in reversed(touched):
        for path in (one.result(paths), *one.leaves(paths)):
            _remove(path)
    if touched:
        sync_folder(paths.folder)
    return touched


def _remove(path: Path) -> None:
    if path.is_dir():
        # One rename takes the whole folder away; a kill while its files go leaves only what the next sweep finds.
        doomed = temporary_beside(path)
        path.rename(doomed)
        shutil.rmtree(doomed)
    else:
        path.unlink(missing_ok=True)
