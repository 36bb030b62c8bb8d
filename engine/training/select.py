"""Choose what is published: the finished model, or the blend of a few, that validation rows like best."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.evaluation.metrics import metric
from engine.families import family
from engine.specs.training import ModelRecord, SelectedModel, Selection, TaskSpec
from engine.training.blend import blend


def select(records: Sequence[ModelRecord], task: TaskSpec, models: Path | None = None) -> Selection:
    """Return the best single model by the deciding metric, one as good and simpler, or a blend; see `blend`.

    models: folder with one folder per candidate; None asks for a single model.
    """
    deciding = metric(task.metric)
    best = records[0]
    for record in records[1:]:
        if deciding.is_better(record.score, best.score):
            best = record
    weights, score = (
        ({best.candidate.id: 1.0}, best.score) if models is None else blend(records, models, task)
    )
    title = family(best.candidate.family).title
    if len(weights) == 1:
        (only,) = weights
        chosen = next(record for record in records if record.candidate.id == only)
        simpler = f"{family(chosen.candidate.family).title} is as good as {title}, and simpler:"
        return Selection(
            members=(SelectedModel(candidate=only),),
            score=chosen.score,
            reason=f"{title} is best:" if chosen is best else simpler,
        )
    return Selection(
        members=tuple(SelectedModel(candidate=name, weight=share) for name, share in weights.items()),
        score=score,
        reason=f"{len(weights)} models averaged:"
        if best.fold_scores
        else f"{len(weights)} models averaged beat the best one, {title}:",
    )
