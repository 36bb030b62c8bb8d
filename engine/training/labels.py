"""From which probability on the published model names the positive class: chosen on the rows that judge models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.evaluation.thresholds import choose_threshold
from engine.specs.training import LabelThreshold, SelectedModel, TaskSpec
from engine.training.answers import mean_answers

#: Rows that the threshold is chosen on, spread over all of them: more move it by less than a percent.
_MOST_ROWS = 200_000


def label_threshold(members: Sequence[SelectedModel], models: Path, task: TaskSpec) -> LabelThreshold | None:
    """Return the threshold of the members' weighted mean; None where the likelier class is named.

    models: folder with one folder per candidate.
    """
    if task.task != "binary":
        return None
    return choose_threshold(task, *mean_answers(members, models, _MOST_ROWS))
