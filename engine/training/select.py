"""Choose what is published: the finished model that validation rows like best."""

from __future__ import annotations

from collections.abc import Sequence

from engine.evaluation.metrics import metric
from engine.families import family
from engine.specs.training import ModelRecord, SelectedModel, Selection, TaskSpec


def select(records: Sequence[ModelRecord], task: TaskSpec) -> Selection:
    """Return the best single model by the deciding metric."""
    deciding = metric(task.metric)
    best = records[0]
    for record in records[1:]:
        if deciding.is_better(record.score, best.score):
            best = record
    return Selection(
        members=(SelectedModel(candidate=best.candidate.id),),
        score=best.score,
        reason=f"{family(best.candidate.family).title} is best:",
    )
