"""Train a run's models, choose, and ask the chosen one about the untouched test rows."""

from __future__ import annotations

from typing import Any

from app.jobs.context import Job
from app.jobs.handlers.steps import do_steps


def train_run(job: Job) -> dict[str, Any]:
    """Do the steps up to "evaluation".   Raises: AimassError."""
    return do_steps(job, "evaluation")
