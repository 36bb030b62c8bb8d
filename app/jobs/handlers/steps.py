"""What the jobs of a run share: go on in the run's folder up to a step."""

from __future__ import annotations

from typing import Any

from app.jobs.context import Job
from app.usecases.pipeline import continue_run
from app.usecases.weights import with_weights
from engine.steps import whole_steps


def do_steps(job: Job, until: str | None) -> dict[str, Any]:
    """Do the steps of the job's run that are not whole yet, up to `until`; return the names of those that are.

    Raises: AimassError.
    """
    settings = with_weights(job.settings, job.data)
    paths = continue_run(job.data.run(job.subject.partition(":")[2]), settings, job.emit, until)
    return {"steps": [step.name for step in whole_steps(paths)]}
