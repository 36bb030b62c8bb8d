"""Judge each model once, on the split's validation rows: the way for many rows, or rows in order of time."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from engine.families import family
from engine.families.base import Budget, Fitted
from engine.files import publish_folder, write_bytes, write_json
from engine.specs.codec import to_json
from engine.specs.training import Candidate, ModelRecord
from engine.training.answers import ANSWERS, answers_table
from engine.training.feature_rows import Doubles, NoRows
from engine.training.materialise import PARITY_ROWS
from engine.training.pixel_rows import StoredRows, stored_rows
from engine.training.workshop import BODY, RECORD, OnEvent, Workshop, record_of, report_to

#: One model may take this share of the time that is left while many are waiting, more while few are.
_LEAST_SHARE, _MANY_WAITING = 0.5, 4
#: Numbers that are put before a model at a time.
_BATCH_CELLS = 50_000_000


class Holdout:
    """The scheme of one training per candidate; see `train.Scheme`."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop

    def share(self, waiting: int) -> float:
        """Return which share of the time left the next candidate may take.   waiting: candidates after it."""
        return 1.0 - (1.0 - _LEAST_SHARE) * min(1.0, waiting / _MANY_WAITING)

    def try_out(self, candidate: Candidate, budget: Budget, on_event: OnEvent) -> ModelRecord:
        """Train and publish."""
        record = train_one(candidate, self.workshop, budget, on_event)
        assert record is not None  # Only a model that is trained again is given up.
        return record

    def cost_s(self, tried: ModelRecord, *, start_s: float = 0.0) -> float:
        """Return 0: there is nothing left to do."""
        return 0.0

    def finish(self, tried: ModelRecord, budget: Budget, on_event: OnEvent) -> ModelRecord:
        """Return the record: the model is published already."""
        return tried


def train_one(
    candidate: Candidate,
    workshop: Workshop,
    budget: Budget,
    on_event: OnEvent,
    *,
    again: ModelRecord | None = None,
) -> ModelRecord | None:
    """Train one candidate and publish its folder.

    again: the record of the same model trained before: it is trained on validation rows too and keeps that score.
    Returns: its record; None when the time ended a model that is trained `again`, which is then not kept.
    """
    member = family(candidate.family)
    folder = workshop.view(member)
    train_rows = stored_rows(folder, "train", more=["valid"] if again else [])
    data = workshop.data(train_rows, NoRows(train_rows) if again else stored_rows(folder, "valid"))
    started = workshop.clock()
    fitted = member.build(candidate.params, data, budget, report_to(on_event, candidate))
    seconds = workshop.clock() - started
    if again and fitted.stopped == "time":
        return None
    rows, y, scores, is_valid = _native_answers(fitted, folder)
    body = fitted.to_onnx().SerializeToString()
    record = record_of(candidate, workshop.task, fitted, data, (y[is_valid], scores[is_valid]), seconds)
    if again:
        record = replace(record, score=again.score, metrics=again.metrics, train_score=again.train_score)
    table = answers_table(rows, np.where(is_valid, "valid", "train"), y, scores)

    def fill(place: Path) -> None:
        pq.write_table(table, place / ANSWERS)
        write_bytes(place / BODY, body)
        write_json(place / RECORD, to_json(record))

    publish_folder(workshop.models / candidate.id, fill)
    return record


def _native_answers(fitted: Fitted, folder: Path) -> tuple[Any, Doubles, Doubles, Any]:
    """Return row numbers, y, scores and "is a validation row" of the validation rows, topped up to 1,000."""
    valid = stored_rows(folder, "valid")
    rows = valid.row_numbers()
    y, scores = _answers(fitted, valid)
    is_valid = np.ones(len(rows), bool)
    if len(rows) < PARITY_ROWS:
        extra = stored_rows(folder, "extra")
        count = min(PARITY_ROWS - len(rows), extra.rows)
        more_y, more_scores = _answers(fitted, extra, count)
        rows = np.concatenate((rows, extra.row_numbers()[:count]))
        y = np.concatenate((y, more_y))
        scores = np.concatenate((scores, more_scores))
        is_valid = np.concatenate((is_valid, np.zeros(count, bool)))
    return rows, y, scores, is_valid


def _answers(fitted: Fitted, rows: StoredRows, most: int | None = None) -> tuple[Doubles, Doubles]:
    """Return y and scores of the rows, or of the first `most`, without holding all of them."""
    size = max(1, _BATCH_CELLS // math.prod(rows.sample_shape))
    left = rows.rows if most is None else most
    parts = [(np.zeros(0), fitted.predict(rows.arrays(0)[0]))]
    for x, y in rows.batches(size):
        if left <= 0:
            break
        parts.append((y[:left], fitted.predict(x[:left])))
        left -= len(x)
    return np.concatenate([y for y, _ in parts]), np.concatenate([scores for _, scores in parts])
