"""Train what was chosen once more, on training and validation rows together, where the time allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.families import family
from engine.families.base import Budget
from engine.specs.training import Candidate, ModelRecord, Selection
from engine.training.candidates import REFIT
from engine.training.holdout import train_one
from engine.training.workshop import LIBRARY_ERRORS, OnEvent, Workshop, model_event, read_record

#: A second training may take this many times the first one's seconds, and rows are added.
_CAUTION = 1.5


def refit(
    selection: Selection,
    records: Sequence[ModelRecord],
    workshop: Workshop,
    budget: Budget,
    on_event: OnEvent,
) -> Selection:
    """Return `selection` with each member replaced by the same model trained on more rows.

    What early stopping found (rounds, passes, penalty) is kept: there are no rows left to find it on, and the
    validation score stays that of the first training. A member that may not be trained again, that there is no
    time for, or that fails, stays as it was.
    """
    by_id = {record.candidate.id: record for record in records}
    members = []
    for member in selection.members:
        record = by_id[member.candidate]
        again = _again(record, workshop, budget, on_event)
        members.append(replace(member, candidate=again.candidate.id) if again else member)
    return replace(selection, members=tuple(members))


def refitted(record: ModelRecord) -> Candidate:
    """Return the candidate that trains `record`'s model on all rows, with what the first training found."""
    candidate = record.candidate
    declared = {param.name for param in family(candidate.family).params}
    found = {name: value for name, value in record.notes.items() if name in declared}
    return Candidate(
        id=f"{candidate.id}{REFIT}",
        family=candidate.family,
        params={**candidate.params, **found},
        reason=f"`{candidate.id}` once more, on validation rows too.",
    )


def _again(record: ModelRecord, workshop: Workshop, budget: Budget, on_event: OnEvent) -> ModelRecord | None:
    candidate = refitted(record)
    kept = read_record(workshop.models / candidate.id)
    if kept is not None:
        on_event(model_event("model_kept", candidate, score=kept.score, seconds=kept.seconds))
        return kept
    if not family(candidate.family).refits or record.seconds * _CAUTION > budget.left_s:
        return None
    on_event(model_event("model_started", candidate, seconds_allowed=round(budget.left_s, 1)))
    try:
        again = train_one(candidate, workshop, budget, on_event, again=record)
    except LIBRARY_ERRORS as error:
        on_event(model_event("model_failed", candidate, reason=str(error)[:300]))
        return None
    if again is None:
        on_event(model_event("model_skipped", candidate, reason="The time for training is over."))
        return None
    on_event(model_event("model_finished", candidate, score=again.score, train=None, seconds=again.seconds))
    return again
