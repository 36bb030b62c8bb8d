"""The margins around the published model's predictions: from the answers that judge models, before any refit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.evaluation.margins import fit_margins
from engine.specs.margins import Margins
from engine.specs.training import SelectedModel, TaskSpec
from engine.training.answers import mean_answers

#: Rows that the margins are taken from, spread over all of them: more move a quantile by less than a hundredth.
_MOST_ROWS = 200_000


def answer_margins(members: Sequence[SelectedModel], models: Path, task: TaskSpec) -> Margins | None:
    """Return the margins around the members' weighted mean; None for classes, or where too few rows judge.

    models: folder with one folder per candidate.
    """
    if task.task != "regression":
        return None
    return fit_margins(*mean_answers(members, models, _MOST_ROWS))
