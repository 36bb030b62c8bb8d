"""Judge a model on every fold in turn and publish the mean of the models that did so: a bag.

Each fold in turn is left out, the model is trained on the others (it may stop early on the fold left out) and answers
for it. So every row judges a model that never learned from it, there are as many judges as rows, and what was judged
is what is published: the mean of the folds' models, steadier than one model trained on all rows.
One feature plan serves all folds: what it learns from the target reaches a row only from other folds than its own.
Source: Breiman, Bagging Predictors, Machine Learning 24, 1996; cross-validation committees: Parmanto, Munro and Doyle,
Improving Committee Diagnosis with Resampling Techniques, NIPS 1995.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.evaluation.metrics import metrics_for
from engine.evaluation.thresholds import judge
from engine.families import family
from engine.families.base import FINDING_S, Budget
from engine.files import publish_folder, write_bytes, write_json
from engine.specs.codec import to_json
from engine.specs.training import Candidate, ModelRecord
from engine.training.answers import ANSWERS, OUT_OF_FOLD, answers_table, arrays_of
from engine.training.feature_rows import Doubles, ParquetFeatureRows
from engine.training.workshop import (
    RECORD,
    OnEvent,
    Workshop,
    fold_body,
    read_record,
    record_of,
    report_to,
)

#: How much a fold's ending says about the whole model's, the gravest last.
_GRAVITY = ("converged", "early", "time")
#: What a later fold takes of the first one's time at least, whatever its family says of its start-up.
_LEAST_SHARE = 0.25


class Bag:
    """The scheme of one training per fold; see `train.Scheme`. A finished fold is on disk and not repeated."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop

    def share(self, waiting: int) -> float:
        """Return so small a share that all folds of two such candidates fit into the time left.

        One slow candidate must not take it all: a mean of two that err apart beats the slower one alone. The last one
        to be tried may take it: time for the best of the others is kept aside.
        """
        return 1.0 / (2 * self.workshop.folds if waiting else self.workshop.folds + 1)

    def try_out(self, candidate: Candidate, budget: Budget, on_event: OnEvent) -> ModelRecord:
        """Train without the first fold; return the record of that one."""
        return self._fold(candidate, 0, budget, on_event)

    def cost_s(self, tried: ModelRecord, *, start_s: float = 0.0) -> float:
        """Return the seconds that the other folds take, by the first one's, whose start-up they don't repeat.

        What it found, it found for them too.
        """
        seconds = tried.seconds - float(tried.notes.get(FINDING_S, 0.0))
        each = max(seconds - start_s, seconds * _LEAST_SHARE)
        return each * (self.workshop.folds - 1)

    def finish(self, tried: ModelRecord, budget: Budget, on_event: OnEvent) -> ModelRecord:
        """Train without each other fold and publish the candidate's folder.

        Each fold gets its equal part of the time, so that all are done when it is over.
        """
        shop = self.workshop
        records = []
        for fold in range(shop.folds):
            part = Budget(budget.left_s / (shop.folds - max(1, fold)), shop.clock)
            records.append(self._fold(settled(tried), fold, part, on_event))
        return self._publish(tried.candidate, records)

    def _fold(self, candidate: Candidate, fold: int, budget: Budget, on_event: OnEvent) -> ModelRecord:
        shop = self.workshop
        place = self._folder(candidate, fold)
        kept = read_record(place)
        if kept is not None:
            return kept
        member = family(candidate.family)
        view = shop.view(member)
        left_out = ParquetFeatureRows(view, "train", inside=fold)
        data = shop.data(ParquetFeatureRows(view, "train", outside=fold), left_out)
        progress = report_to(on_event, candidate, done=fold, of=shop.folds, fold=fold + 1, folds=shop.folds)
        started = shop.clock()
        fitted = member.build(candidate.params, data, budget, progress)
        x, y = left_out.arrays()
        scores = fitted.predict(x)
        body = fitted.to_onnx().SerializeToString()
        judged = answers_table(left_out.row_numbers(), ["valid"] * len(y), y, scores)
        served = ParquetFeatureRows(view, "extra")
        x, served_y = served.arrays()
        served_answers = answers_table(served.row_numbers(), ["train"] * len(x), served_y, fitted.predict(x))
        # Judging and writing take time on every fold too: they count as part of its cost.
        record = record_of(candidate, shop.task, fitted, data, (y, scores), shop.clock() - started)

        def fill(folder: Path) -> None:
            pq.write_table(judged, folder / OUT_OF_FOLD)
            pq.write_table(served_answers, folder / ANSWERS)
            write_bytes(folder / fold_body(fold), body)
            write_json(folder / RECORD, to_json(record))

        publish_folder(place, fill)
        return record

    def _publish(self, candidate: Candidate, records: list[ModelRecord]) -> ModelRecord:
        folders = [self._folder(candidate, fold) for fold in range(len(records))]
        judged = pa.concat_tables([pq.read_table(folder / OUT_OF_FOLD) for folder in folders]).sort_by("_row")
        served = _mean([pq.read_table(folder / ANSWERS) for folder in folders])
        record = self._summary(candidate, records, arrays_of(judged))

        def fill(place: Path) -> None:
            for fold, folder in enumerate(folders):
                os.link(folder / fold_body(fold), place / fold_body(fold))
            pq.write_table(judged, place / OUT_OF_FOLD)
            pq.write_table(served, place / ANSWERS)
            write_json(place / RECORD, to_json(record))

        publish_folder(self.workshop.models / candidate.id, fill)
        return record

    def _summary(
        self, candidate: Candidate, records: list[ModelRecord], answers: tuple[Doubles, Doubles]
    ) -> ModelRecord:
        task = self.workshop.task
        known = [one.train_score for one in records if one.train_score is not None]
        view = self.workshop.view(family(candidate.family))
        return replace(
            records[-1],
            candidate=candidate,
            score=judge(task).value(*answers),
            train_score=float(np.mean(known)) if known else None,
            metrics={one.name: float(one.value(*answers)) for one in metrics_for(task.task, task.classes)},
            seconds=round(sum(one.seconds for one in records), 3),
            rows=ParquetFeatureRows(view, "train").rows,
            stopped=max((one.stopped for one in records), key=_GRAVITY.index),
            fold_scores=tuple(one.score for one in records),
        )

    def _folder(self, candidate: Candidate, fold: int) -> Path:
        return self.workshop.models / candidate.id / f"fold-{fold}"


def settled(tried: ModelRecord) -> Candidate:
    """Return the candidate with what its first training found for all others too."""
    candidate = tried.candidate
    found = {name: tried.notes[name] for name in family(candidate.family).settles if name in tried.notes}
    return replace(candidate, params={**candidate.params, **found})


def _mean(tables: list[pa.Table]) -> pa.Table:
    """Return the answers of one table's rows, each the mean over all tables, which hold the same rows."""
    first = tables[0]
    scores = np.mean([arrays_of(table)[1] for table in tables], axis=0)
    return answers_table(first["_row"], first["_set"], first["_y"], scores)
