"""Train the candidates one after another within the wall clock; each is on disk as soon as it is finished."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow.parquet as pq

from engine.errors import WorkFailed
from engine.evaluation.metrics import metric, metrics_for
from engine.families import family
from engine.families.base import Budget, Fitted, Progress, TrainingData
from engine.files import publish_folder, read_json, write_bytes, write_json
from engine.specs.codec import from_json, to_json
from engine.specs.training import Candidate, ModelRecord, TaskSpec
from engine.training.answers import ANSWERS, answers_table
from engine.training.feature_rows import Doubles, NoRows, ParquetFeatureRows
from engine.training.materialise import PARITY_ROWS

BODY, RECORD = "body.onnx", "record.json"
_TRAIN_SCORE_ROWS = 20_000
#: What libraries raise when one model cannot be trained; families turn errors of other kinds into WorkFailed.
LIBRARY_ERRORS = (ValueError, RuntimeError, ArithmeticError, MemoryError, WorkFailed)
#: One model may take this share of the time that is left while many are waiting, more while few are.
_LEAST_SHARE, _MANY_WAITING = 0.5, 4
#: Seconds below which nothing but the first models is started.
_LEAST_S = 1.0

OnEvent = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Where the features lie, where models go, and how they are trained.

    features: folder with one folder per view, and in fold-0, fold-1 … the same without each fold.
    models: folder that gets one folder per candidate.
    folds: on how many folds in turn a model is judged; 0 where validation rows judge.
    """

    task: TaskSpec
    features: Path
    models: Path
    seed: int
    threads: int
    clock: Callable[[], float]
    folds: int = 0


class Make(Protocol):
    """Trains one candidate and publishes its folder; returns None when the time ended it first."""

    def __call__(
        self, candidate: Candidate, workshop: Workshop, budget: Budget, on_event: OnEvent
    ) -> ModelRecord | None: ...


def train(
    candidates: Sequence[Candidate],
    workshop: Workshop,
    budget: Budget,
    on_event: OnEvent,
    make: Make,
) -> tuple[ModelRecord, ...]:
    """Train every candidate there is time for, in order.

    make: `train_one`, or `cross_train.cross_train`.
    A candidate whose folder is whole is not trained again. One that fails is reported; the rest goes on.
    Returns: the records of all finished models, in the order of `candidates`.
    Raises:  WorkFailed when not a single model could be trained.
    """
    records: list[ModelRecord] = []
    failures: list[str] = []
    for position, candidate in enumerate(candidates):
        kept = read_record(workshop.models / candidate.id)
        if kept is not None:
            records.append(kept)
            on_event(model_event("model_kept", candidate, score=kept.score, seconds=kept.seconds))
            continue
        if records and budget.left_s < _LEAST_S:
            on_event(model_event("model_skipped", candidate, reason="The time for training is over."))
            continue
        waiting = len(candidates) - position - 1
        share = budget.left_s * (1.0 - (1.0 - _LEAST_SHARE) * min(1.0, waiting / _MANY_WAITING))
        on_event(model_event("model_started", candidate, seconds_allowed=round(share, 1)))
        try:
            record = make(candidate, workshop, Budget(share, workshop.clock), on_event)
        except LIBRARY_ERRORS as error:
            failures.append(f"{candidate.id}: {str(error)[:300]}")
            on_event(model_event("model_failed", candidate, reason=str(error)[:300]))
            continue
        if record is None:
            on_event(model_event("model_skipped", candidate, reason="The time for training is over."))
            continue
        records.append(record)
        on_event(
            model_event(
                "model_finished",
                candidate,
                score=record.score,
                train=record.train_score,
                seconds=record.seconds,
                stopped=record.stopped,
            )
        )
    if not records:
        raise WorkFailed(
            "No model could be trained. Expected: at least one. "
            f"Received: {'; '.join(failures) or 'none to try'}.",
            remedy="Choose other families with --families, or give more time with --time-limit.",
        )
    return tuple(records)


def read_record(folder: Path) -> ModelRecord | None:
    """Return the record of a finished model, or None when `folder` does not hold a whole one."""
    path = folder / RECORD
    return from_json(ModelRecord, read_json(path)) if path.exists() else None


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
    folder = workshop.features / member.view
    train_rows = ParquetFeatureRows(folder, "train", more=["valid"] if again else [])
    data = TrainingData(
        task=workshop.task.task,
        outputs=workshop.task.outputs,
        train=train_rows,
        valid=NoRows(train_rows) if again else ParquetFeatureRows(folder, "valid"),
        seed=workshop.seed,
        threads=workshop.threads,
    )
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
    valid = ParquetFeatureRows(folder, "valid")
    x, y = valid.arrays()
    rows, scores = valid.row_numbers(), fitted.predict(x)
    is_valid = np.ones(len(rows), bool)
    if len(rows) < PARITY_ROWS:
        extra = ParquetFeatureRows(folder, "extra")
        count = min(PARITY_ROWS - len(rows), extra.rows)
        more_x, more_y = extra.arrays()
        rows = np.concatenate((rows, extra.row_numbers()[:count]))
        y = np.concatenate((y, more_y[:count]))
        scores = np.concatenate((scores, fitted.predict(more_x[:count])))
        is_valid = np.concatenate((is_valid, np.zeros(count, bool)))
    return rows, y, scores, is_valid


def record_of(
    candidate: Candidate,
    task: TaskSpec,
    fitted: Fitted,
    data: TrainingData,
    answers: tuple[Doubles, Doubles],
    seconds: float,
) -> ModelRecord:
    """Return the record of a trained model.   answers: y (n,) and scores (n, outputs) on the rows that judge it."""
    deciding = metric(task.metric)
    train_x, train_y = data.train.arrays(_TRAIN_SCORE_ROWS)
    return ModelRecord(
        candidate=candidate,
        score=deciding.value(*answers),
        train_score=deciding.value(train_y, fitted.predict(train_x)),
        metrics={one.name: float(one.value(*answers)) for one in metrics_for(task.task)},
        seconds=round(seconds, 3),
        rows=fitted.rows,
        features=len(data.train.columns),
        stopped=fitted.stopped,
        curve=tuple(point for point in fitted.curve if all(np.isfinite(value) for value in point)),
        notes=dict(fitted.notes),
    )


def report_to(
    on_event: OnEvent, candidate: Candidate, *, done: int = 0, of: int = 1, **facts: Any
) -> Progress:
    """Return a listener that tells a candidate's progress.   done, of: of its trainings, this one being next.

    Its events: "share" of all trainings, "within" of this one, and both losses, None where they are not known.
    """

    def progress(share: float, train_loss: float, valid_loss: float) -> None:
        on_event(
            model_event(
                "model_progress",
                candidate,
                share=round((done + share) / of, 4),
                within=round(share, 4),
                train=_known(train_loss),
                valid=_known(valid_loss),
                **facts,
            )
        )

    return progress


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def model_event(name: str, candidate: Candidate, **facts: Any) -> dict[str, Any]:
    """Return an event about `candidate`, with facts of its own."""
    return {"event": name, "candidate": candidate.id, "family": candidate.family} | facts
