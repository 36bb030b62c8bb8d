"""Change a run that exists: check, forget what the change makes void, write the new settings, count the revision."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from app.usecases.person import Person
from app.usecases.refusals import Conflict, Refusal
from app.usecases.run_access import find_run, subject_of
from app.usecases.run_changes import changed_spec, differing_fields
from app.usecases.run_files import RunFiles
from app.usecases.run_progress import journals
from app.wiring import Appliance
from engine.specs.codec import to_json
from engine.specs.features import ColumnChoice, FeaturePlan
from engine.specs.run import RunSpec
from engine.steps import forget, touched_steps, whole_steps
from engine.transforms.propose import propose_plan
from engine.words import words
from store import audit, jobs, run_records
from store.audit import AUDIT
from store.run_records import RunRecord
from store.runs import FolderInUse, RunFolder, read_spec

_UNJUDGED: Mapping[str, Any] = {"score": None, "baseline": None}
_UNKNOWN: Mapping[str, Any] = {**_UNJUDGED, "task": None, "metric": None}


def change_run(box: Appliance, who: Person, run_id: str, *, revision: int, **fields: Any) -> RunRecord:
    """Change what was asked for; the steps that depend on it are open again, and no time they took is counted.

    revision: of the run as the person saw it.   fields: of RunSpec by name, None gives a choice back to the data.
    Raises: NotFound; Conflict when somebody else was faster or a job works on the run; Refusal or InvalidSpec that
    says which value is wrong.
    """
    record = find_run(box, run_id)
    _refuse_stale(box, record, revision)
    files = RunFiles(box.folder.run(record.id))
    before, after = files.spec, changed_spec(files, fields)
    changed = differing_fields(before, after)
    if changed:
        _apply(box, who, record, revision, files, after, changed)
    return find_run(box, run_id)


def edit_plan(
    box: Appliance, who: Person, run_id: str, *, revision: int, use: Mapping[str, bool]
) -> RunRecord:
    """Switch columns on and off.   use: column → whether the model may read it; others stay as they are.

    A column that leaks or seems to name rows is used when it is switched on; one that holds a single value stays out.
    Raises: as `change_run`.
    """
    record = find_run(box, run_id)
    files = RunFiles(box.folder.run(record.id))
    spec = files.spec
    wrong = [name for name, wanted in use.items() if not isinstance(wanted, bool)]
    if wrong or spec.target in use:
        raise Refusal(
            words(
                "The choice of columns cannot be used. Expected: true or false for columns other than {target!r}.",
                target=spec.target,
            ),
            remedy=words("Correct the choice."),
        )
    on = [name for name, wanted in use.items() if wanted]
    off = [name for name, wanted in use.items() if not wanted]
    fields: dict[str, Any] = {
        "drop": [*(name for name in spec.drop if name not in on), *off],
        "keep": [*(name for name in spec.keep if name not in off), *_out_of_favour(files, on)],
    }
    if spec.plan is not None:
        fields["plan"] = _edited(files, spec, on, off)
        fields["drop"] = [name for name in spec.drop if name not in on]
    return change_run(box, who, run_id, revision=revision, **fields)


def _apply(
    box: Appliance,
    who: Person,
    record: RunRecord,
    revision: int,
    files: RunFiles,
    after: RunSpec,
    changed: tuple[str, ...],
) -> None:
    """Forget first and write last: a kill in between leaves the old settings with fewer steps done, never a mixture."""
    subject = subject_of(record.id)
    with box.db.write() as tx:
        if jobs.active(tx, subject):
            raise _busy()
        void = touched_steps(changed)
        left = [step.name for step in whole_steps(files.paths) if step not in void]
        moved = run_records.update(
            tx,
            record.id,
            expect_revision=revision,
            target=after.target,
            step=left[-1] if left else "",
            **(_UNKNOWN if after.target != record.target else _UNJUDGED),
        )
        if not moved:
            raise _stale(tx, record)
        audit.append(tx, who=who.name, action="change_run", object=subject, detail=", ".join(changed))
        _rewrite(files, after, changed)


def _rewrite(files: RunFiles, after: RunSpec, changed: tuple[str, ...]) -> None:
    with journals.of(files.folder) as progress:
        seconds = {name: step.seconds for name, step in progress.steps.items()}
    try:
        with RunFolder(files.folder, read_spec(files.folder)) as folder:
            touched = [step.name for step in forget(files.paths, changed)]
            kept_s = sum(took for name, took in seconds.items() if name not in touched)
            # The clock of a run goes back to what the steps that stay have worked: see `continue_run`.
            folder.append({"event": "steps_forgotten", "steps": touched}, elapsed_s=kept_s)
            folder.change_spec(to_json(after))
    except FolderInUse as error:
        raise _busy() from error


def _out_of_favour(files: RunFiles, names: list[str]) -> list[str]:
    """Return which of these columns are used only when somebody insists: leaks, and what the plan left out."""
    leaks = {leak.column for leak in files.leaks}
    left_out = {choice.column for choice in files.plan.columns if not choice.use} if files.plan else set()
    kept = set(files.spec.keep)
    return [name for name in names if name in leaks | left_out and name not in kept]


def _edited(files: RunFiles, spec: RunSpec, on: list[str], off: list[str]) -> FeaturePlan | None:
    """Return a plan made by hand with columns switched off, or on with the features that would be proposed."""
    plan, schema, profile, task = spec.plan, files.schema, files.profile, files.task
    if plan is None or schema is None or profile is None or task is None:
        return plan
    plan = plan.without(dict.fromkeys(off, words("Switched off by hand.")))
    fresh = [name for name in on if name in schema.by_name and name not in plan.used_columns]
    if not fresh:
        return plan
    proposed = propose_plan(
        schema.without(*(name for name in schema.names if name not in fresh)), profile, task, fresh
    )
    choices: dict[str, ColumnChoice] = {one.column: one for one in (*plan.columns, *proposed.columns)}
    return dataclasses.replace(
        plan,
        columns=tuple(choices.values()),
        views={view: (*features, *proposed.views.get(view, ())) for view, features in plan.views.items()},
    )


def _refuse_stale(box: Appliance, record: RunRecord, revision: int) -> None:
    if record.revision != revision:
        raise _stale(box.db, record)


def _stale(db: Any, record: RunRecord) -> Conflict:
    last = AUDIT.one(
        db, "WHERE object = ? AND action = 'change_run' ORDER BY seq DESC LIMIT 1", (subject_of(record.id),)
    )
    by = last.who if last is not None else words("Somebody")
    at = last.at if last is not None else record.updated_at
    return Conflict(
        words(
            "{who} changed this run at {at} UTC, after you opened it. Nothing of yours was saved.",
            who=by,
            at=at.strftime("%H:%M:%S"),
        ),
        remedy=words("Look at the run as it is now, then make your change again."),
    )


def _busy() -> Conflict:
    return Conflict(
        words("A job is working on this run, so it cannot be changed now."),
        remedy=words("Wait until it has ended, or cancel it."),
    )
