"""Judge a model on folds, then train it on all rows: the way for data too small to spare validation rows.

Each fold in turn is left out, the feature plan and the model are fitted on the others, and the model answers for
the fold. So every row judges a model that never saw it, and there are as many judges as rows.
Source: Stone, Cross-Validatory Choice and Assessment of Statistical Predictions, JRSS B 36, 1974.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.evaluation.metrics import metric, metrics_for
from engine.families import family
from engine.families.base import Budget, Fitted, TrainingData
from engine.files import publish_folder, write_bytes, write_json
from engine.specs.codec import to_json
from engine.specs.training import Candidate, ModelRecord
from engine.training.answers import ANSWERS, OUT_OF_FOLD, answers_table, arrays_of
from engine.training.feature_rows import NoRows, ParquetFeatureRows
from engine.training.train import (
    BODY,
    RECORD,
    OnEvent,
    Workshop,
    read_record,
    record_of,
    report_to,
)


def cross_train(
    candidate: Candidate, workshop: Workshop, budget: Budget, on_event: OnEvent
) -> ModelRecord | None:
    """Judge one candidate on every fold, train it on all rows and publish its folder.

    What a family finds on validation rows (rounds, penalty) is found on each fold first; the middle one of the
    findings then holds for all folds, so that no fold is judged by a model that was stopped where that fold
    liked it best, and what is judged is what is published.

    Every finished fold is on disk at once and is not repeated; publishing replaces them all by the whole model.
    Returns: its record; None when the time ended before all folds: scores on fewer rows could not be compared.
    The run's first model is finished whatever the clock says.
    """
    finds = bool(family(candidate.family).finds)
    turns = _Turns(workshop, budget, on_event, of=workshop.folds * (2 if finds else 1) + 1)
    settled = candidate
    if finds:
        found = turns.all_folds(candidate, "find")
        if found is None:
            return None
        settled = replace(candidate, params={**candidate.params, **middle(found)})
    judged = turns.all_folds(settled, "judge")
    return None if judged is None else turns.publish(candidate, settled, judged)


def middle(found: Sequence[ModelRecord]) -> dict[str, Any]:
    """Return what the middle fold found, in order of the family's first such param: one fold's values fit together."""
    names = family(found[0].candidate.family).finds
    values = sorted(
        tuple(record.notes[name] for name in names) for record in found if names[0] in record.notes
    )
    return dict(zip(names, values[len(values) // 2], strict=True)) if values else {}


@dataclass
class _Turns:
    """The trainings of one candidate.   of: how many there are.   done: how many are finished."""

    workshop: Workshop
    budget: Budget
    on_event: OnEvent
    of: int
    done: int = 0

    def all_folds(self, candidate: Candidate, purpose: str) -> tuple[ModelRecord, ...] | None:
        """Train without each fold in turn; None when the time is over."""
        records = []
        for fold in range(self.workshop.folds):
            folder = self._folder(candidate, purpose, fold)
            record = read_record(folder)
            if record is None:
                if self.budget.is_spent and self._is_one_finished():
                    return None
                record = self._train_fold(candidate, fold, folder, finds=purpose == "find")
            records.append(record)
            self.done += 1
        return tuple(records)

    def publish(
        self, candidate: Candidate, settled: Candidate, judged: Sequence[ModelRecord]
    ) -> ModelRecord | None:
        """Train on all rows, and write the model with the folds' answers as its validation."""
        member = family(candidate.family)
        folder = self.workshop.features / member.view
        rows = ParquetFeatureRows(folder, "train")
        data = self._data(rows, NoRows(rows))
        started = self.workshop.clock()
        fitted = self._build(settled, data)
        seconds = self.workshop.clock() - started
        if fitted.stopped == "time" and member.finds and self._is_one_finished():
            return None
        folders = [self._folder(settled, "judge", fold) for fold in range(len(judged))]
        answers = pa.concat_tables([pq.read_table(place / OUT_OF_FOLD) for place in folders])
        record = self._summary(candidate, judged, answers, fitted, seconds)
        extra = ParquetFeatureRows(folder, "extra")
        x, y = extra.arrays()
        served = answers_table(extra.row_numbers(), ["train"] * len(y), y, fitted.predict(x))
        body = fitted.to_onnx().SerializeToString()

        def fill(place: Path) -> None:
            pq.write_table(answers, place / OUT_OF_FOLD)
            pq.write_table(served, place / ANSWERS)
            write_bytes(place / BODY, body)
            write_json(place / RECORD, to_json(record))

        publish_folder(self.workshop.models / candidate.id, fill)
        return record

    def _train_fold(self, candidate: Candidate, fold: int, folder: Path, *, finds: bool) -> ModelRecord:
        view = self.workshop.features / f"fold-{fold}" / family(candidate.family).view
        rows, left_out = ParquetFeatureRows(view, "train"), ParquetFeatureRows(view, "valid")
        data = self._data(rows, left_out if finds else NoRows(rows))
        started = self.workshop.clock()
        fitted = self._build(candidate, data, fold=fold + 1, folds=self.workshop.folds)
        seconds = self.workshop.clock() - started
        x, y = left_out.arrays()
        scores = fitted.predict(x)
        record = record_of(candidate, self.workshop.task, fitted, data, (y, scores), seconds)
        table = answers_table(left_out.row_numbers(), ["valid"] * len(y), y, scores)

        def fill(place: Path) -> None:
            pq.write_table(table, place / OUT_OF_FOLD)
            write_json(place / RECORD, to_json(record))

        publish_folder(folder, fill)
        return record

    def _build(self, candidate: Candidate, data: TrainingData, **facts: int) -> Fitted:
        share = Budget(self.budget.left_s / max(1, self.of - self.done), self.workshop.clock)
        progress = report_to(self.on_event, candidate, done=self.done, of=self.of, **facts)
        return family(candidate.family).build(candidate.params, data, share, progress)

    def _data(self, rows: ParquetFeatureRows, judges: ParquetFeatureRows | NoRows) -> TrainingData:
        shop = self.workshop
        return TrainingData(
            task=shop.task.task,
            outputs=shop.task.outputs,
            train=rows,
            valid=judges,
            seed=shop.seed,
            threads=shop.threads,
        )

    def _summary(
        self,
        candidate: Candidate,
        judged: Sequence[ModelRecord],
        answers: pa.Table,
        fitted: Fitted,
        seconds: float,
    ) -> ModelRecord:
        task = self.workshop.task
        deciding = metric(task.metric)
        y, scores = arrays_of(answers)
        found = [read_record(self._folder(candidate, "find", fold)) for fold in range(len(judged))]
        trained = [*judged, *(one for one in found if one is not None)]
        known = [one.train_score for one in judged if one.train_score is not None]
        return ModelRecord(
            candidate=candidate,
            score=deciding.value(y, scores),
            train_score=float(np.mean(known)) if known else None,
            metrics={one.name: float(one.value(y, scores)) for one in metrics_for(task.task)},
            seconds=round(sum(one.seconds for one in trained) + seconds, 3),
            rows=fitted.rows,
            features=judged[0].features,
            stopped=max((one.stopped for one in trained), key=_GRAVITY.index),
            curve=trained[-1].curve,
            notes=dict(fitted.notes),
            fold_scores=tuple(one.score for one in judged),
        )

    def _folder(self, candidate: Candidate, purpose: str, fold: int) -> Path:
        return self.workshop.models / candidate.id / f"{purpose}-{fold}"

    def _is_one_finished(self) -> bool:
        return any(self.workshop.models.glob(f"*/{RECORD}"))


#: How much a fold's ending says about the whole model's, the gravest last.
_GRAVITY = ("converged", "early", "time")
