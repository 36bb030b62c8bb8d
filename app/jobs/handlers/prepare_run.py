"""Take a run from its data to the split: everything a person decides about before training."""

from __future__ import annotations

from typing import Any

from app.jobs.context import Job
from app.jobs.handlers.steps import do_steps


def prepare_run(job: Job) -> dict[str, Any]:
    """Do the steps up to "split".   Raises: AimassError."""
    return do_steps(job, "split")
