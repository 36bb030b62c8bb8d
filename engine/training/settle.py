"""What is settled once the models of the answer are: how sure it sounds, what it names, and how far it may err."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engine.evaluation.margins import fit_margins
from engine.evaluation.temperature import choose_temperature, tempered
from engine.evaluation.thresholds import choose_threshold, judge
from engine.specs.training import ModelRecord, SelectedModel, Selection, TaskSpec
from engine.training.answers import mean_answers

#: Rows that all of it is chosen on, spread over all of them: more move a quantile by less than a hundredth.
_MOST_ROWS = 200_000


def settle_answer(selection: Selection, models: Path, task: TaskSpec) -> Selection:
    """Return `selection` with the temperature of its probabilities and the threshold of its label, or with margins.

    Each is None where it changes nothing: where probabilities can be taken at their word, where the likelier class is
    named, or where too few rows judge.
    Only answers to rows that a model never learned from count; see `mean_answers`.
    models: folder with one folder per candidate.
    """
    y, scores = mean_answers(selection.members, models, _MOST_ROWS)
    if not task.classes:
        return replace(selection, margins=fit_margins(y, scores))
    temperature = choose_temperature(task, y, scores)
    scores = tempered(scores, temperature)
    score = selection.score if temperature is None else judge(task).value(y, scores)
    threshold = choose_threshold(task, y, scores)
    return replace(selection, score=score, temperature=temperature, threshold=threshold)


def settle_each_alone(
    records: Mapping[str, ModelRecord], models: Path, task: TaskSpec
) -> dict[str, Selection]:
    """Return what would be published of each model by itself, as a yardstick: without margins.

    models: as for `settle_answer`.
    """
    alone = {
        name: Selection(members=(SelectedModel(candidate=record.candidate.id),), score=record.score)
        for name, record in records.items()
    }
    return {name: settle_answer(one, models, task) if task.classes else one for name, one in alone.items()}
