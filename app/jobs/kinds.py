"""The kinds of background work: one row each. Adding one is a row here and a function in `app.jobs.handlers`."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.jobs.leases import Lane


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """One kind of job.

    work: "module:function" of the handler. Only workers import it; the control process knows its name alone.
    settle: "module:function" called in the control process as `settle(db, folder, job)` when an attempt has ended,
        with the job as it is about to be written: it may be called again after a kill, so it must not mind.
        Named rather than imported, because the settling of a run knows more rooms than jobs may.
    reads_strangers_files: the worker takes bounds on memory, time and files before it begins (RELIABILITY R10).
    """

    name: str
    title: str
    lane: Lane
    work: str
    settle: str = ""
    reads_strangers_files: bool = False


KINDS: tuple[JobKind, ...] = (
    JobKind(
        name="import_dataset",
        title="Import",
        lane="data",
        work="app.jobs.handlers.import_dataset:import_dataset",
        settle="app.jobs.settle:settle_import",
        reads_strangers_files=True,
    ),
    JobKind(
        name="relabel_dataset",
        title="Relabel",
        lane="data",
        work="app.jobs.handlers.relabel_dataset:relabel_dataset",
        settle="app.jobs.settle:settle_import",
        reads_strangers_files=True,
    ),
    JobKind(
        name="prepare_run",
        title="Prepare",
        lane="quick",
        work="app.jobs.handlers.prepare_run:prepare_run",
        settle="app.jobs.settle:settle_run",
    ),
    JobKind(
        name="preview_pictures",
        title="Preview",
        lane="quick",
        work="app.jobs.handlers.preview_pictures:preview_pictures",
    ),
    JobKind(
        name="suggest_labels",
        title="Suggest labels",
        lane="quick",
        work="app.jobs.handlers.suggest_labels:suggest_labels",
        reads_strangers_files=True,
    ),
    JobKind(
        name="train_run",
        title="Train",
        lane="training",
        work="app.jobs.handlers.train_run:train_run",
        settle="app.jobs.settle:settle_run",
    ),
    JobKind(
        name="publish_run",
        title="Publish",
        lane="quick",
        work="app.jobs.handlers.publish_run:publish_run",
        settle="app.usecases.registering:settle_publish",
    ),
    JobKind(
        name="predict_file",
        title="Predict",
        lane="quick",
        work="app.jobs.handlers.predict_file:predict_file",
        settle="app.jobs.settle:settle_prediction",
        reads_strangers_files=True,
    ),
)


def resolve(place: str) -> Callable[..., Any]:
    """Import what "module:function" names.   Raises: ImportError, AttributeError."""
    module, _, function = place.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found
