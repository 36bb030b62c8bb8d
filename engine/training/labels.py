"""From which probability on the published model names the positive class: chosen on the rows that judge models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.evaluation.thresholds import choose_threshold
from engine.specs.training import LabelThreshold, SelectedModel, TaskSpec
from engine.training.answers import judging_answers
from engine.training.candidates import REFIT

#: Rows that the threshold is chosen on, spread over all of them: more move it by less than a percent.
_MOST_ROWS = 200_000


def label_threshold(members: Sequence[SelectedModel], models: Path, task: TaskSpec) -> LabelThreshold | None:
    """Return the threshold of the members' weighted mean; None where the likelier class is named.

    Only answers to rows that a model never learned from count: out-of-fold or validation answers, and those of the
    first training where a member was trained again on validation rows too.
    models: folder with one folder per candidate.
    """
    if task.task != "binary":
        return None
    total = sum(member.weight for member in members)
    parts = [
        (judging_answers(models / member.candidate.removesuffix(REFIT), _MOST_ROWS), member.weight / total)
        for member in members
    ]
    y = parts[0][0][0]
    scores = np.sum([scores * share for (_, scores), share in parts], axis=0)
    return choose_threshold(task, y, scores)
