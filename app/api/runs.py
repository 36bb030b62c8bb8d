"""Runs over the API: ask a question of a dataset, train, look, publish."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.api.caller import Caller, Limit, Offset, Search
from app.api.shapes import JobOut, NewName, NewRun, Page, PlanChange, Publication, RunChange, RunOut, plain
from app.usecases import run_live, runs

router = APIRouter(prefix="/runs", tags=["runs"])


@router.get("")
def list_runs(
    caller: Caller,
    search: Search = "",
    dataset_id: str | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Page[RunOut]:
    """List the runs, newest first; of one dataset where one is named."""
    found = runs.list_runs(
        caller.box, caller.person, search=search, dataset_id=dataset_id, limit=limit, offset=offset
    )
    return Page(items=[RunOut.model_validate(record) for record in found.items], total=found.total)


@router.post("", status_code=201)
def create_run(caller: Caller, asked: NewRun) -> RunOut:
    """Begin a run: which column of which dataset is to be known. The first steps are prepared at once."""
    record = runs.create_run(
        caller.box,
        caller.person,
        asked.dataset_id,
        target=asked.target,
        name=asked.name,
        time_limit_s=asked.time_limit_s,
    )
    return RunOut.model_validate(record)


@router.get("/compare")
def compare_runs(caller: Caller, run_id: Annotated[list[str], Query(min_length=2, max_length=8)]) -> Any:
    """Set runs side by side."""
    return plain(runs.compare(caller.box, caller.person, run_id))


@router.get("/{run_id}")
def get_run(caller: Caller, run_id: str) -> Any:
    """Look at one run: its record, its spec, and how far each step is."""
    view = runs.get_run(caller.box, caller.person, run_id)
    return {
        "run": RunOut.model_validate(view.record),
        "spec": plain(view.spec),
        "steps": plain(view.steps),
        "job": JobOut.of(view.job, caller) if view.job else None,
    }


@router.patch("/{run_id}")
def change_run(caller: Caller, run_id: str, asked: RunChange) -> RunOut:
    """Change what was asked for; steps that depend on it are open again."""
    fields = {
        name: tuple(value) if isinstance(value, list) else value for name, value in asked.fields.items()
    }
    record = runs.change_run(caller.box, caller.person, run_id, revision=asked.revision, **fields)
    return RunOut.model_validate(record)


@router.put("/{run_id}/name")
def rename_run(caller: Caller, run_id: str, asked: NewName) -> RunOut:
    """Give a run another name."""
    return RunOut.model_validate(runs.rename_run(caller.box, caller.person, run_id, asked.name))


@router.delete("/{run_id}", status_code=204)
def delete_run(caller: Caller, run_id: str) -> None:
    """Delete a run; what was published of it stays."""
    runs.delete_run(caller.box, caller.person, run_id)


@router.get("/{run_id}/features")
def get_features(caller: Caller, run_id: str) -> Any:
    """Return how each column becomes numbers, and the leaks that were found."""
    return plain(runs.feature_plan(caller.box, caller.person, run_id))


@router.patch("/{run_id}/features")
def edit_features(caller: Caller, run_id: str, asked: PlanChange) -> RunOut:
    """Switch columns on and off."""
    record = runs.edit_plan(caller.box, caller.person, run_id, revision=asked.revision, use=asked.use)
    return RunOut.model_validate(record)


@router.get("/{run_id}/split")
def get_split(caller: Caller, run_id: str) -> Any:
    """Return which rows learn, choose and test, and the other ways to divide them."""
    return plain(runs.split_view(caller.box, caller.person, run_id))


@router.get("/{run_id}/choices")
def get_choices(caller: Caller, run_id: str) -> Any:
    """Return the model families and metrics to choose from, and what is proposed."""
    return plain(runs.choices(caller.box, caller.person, run_id))


@router.post("/{run_id}/prepare", status_code=202)
def prepare(caller: Caller, run_id: str) -> JobOut:
    """Do the steps up to the split again where a change left them open."""
    return JobOut.of(runs.prepare(caller.box, caller.person, run_id), caller)


@router.post("/{run_id}/train", status_code=202)
def train(caller: Caller, run_id: str) -> JobOut:
    """Train and evaluate; asked twice, it is the same job."""
    return JobOut.of(runs.start_training(caller.box, caller.person, run_id), caller)


@router.get("/{run_id}/live")
def get_live(caller: Caller, run_id: str) -> Any:
    """Return the run as it is right now: progress, curves, leaderboard."""
    return plain(run_live.live(caller.box, caller.person, run_id))


@router.get("/{run_id}/report")
def get_report(caller: Caller, run_id: str) -> Any:
    """Return the report; null before the evaluation."""
    return plain(runs.report(caller.box, caller.person, run_id))


@router.post("/{run_id}/publish", status_code=202)
def publish(caller: Caller, run_id: str, asked: Publication) -> JobOut:
    """Write the model file and register it as the next version of a model."""
    job = runs.publish(
        caller.box,
        caller.person,
        run_id,
        name=asked.name,
        title=asked.title,
        description=asked.description,
    )
    return JobOut.of(job, caller)
