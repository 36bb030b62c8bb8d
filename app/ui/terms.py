"""Our words for the engine's codes: what a task predicts, which set, which metric, which family."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.ui.language import _, tell
from engine.evaluation.metrics import metric
from engine.families import family

_TASKS: Mapping[str, Callable[[], str]] = {
    "binary": lambda: _("One of two classes"),
    "multiclass": lambda: _("One of several classes"),
    "regression": lambda: _("A number"),
}
_SETS: Mapping[str, Callable[[], str]] = {
    "train": lambda: _("Training"),
    "valid": lambda: _("Validation"),
    "test": lambda: _("Test"),
}
_STOPPED: Mapping[str, Callable[[], str]] = {
    "converged": lambda: _("finished"),
    "waiting": lambda: _("first fold done, waiting"),
    "early": lambda: _("no longer improving"),
    "time": lambda: _("out of time"),
}


def task_word(task: str) -> str:
    """Return what a task predicts."""
    return _TASKS[task]() if task in _TASKS else task


def set_word(name: str) -> str:
    """Return what a part of the rows is called."""
    return _SETS[name]() if name in _SETS else name


def stopped_word(why: str | None) -> str:
    """Return why a model's training ended, "" where that is not known."""
    return _STOPPED[why]() if why is not None and why in _STOPPED else ""


def metric_word(name: str) -> str:
    """Return the title of a metric, in the reader's language.   Raises: AimassError when there is no such metric."""
    return tell(metric(name).title)


def family_word(name: str) -> str:
    """Return the title of a model family, in the reader's language.   Raises: AimassError when there is none."""
    return tell(family(name).title)
