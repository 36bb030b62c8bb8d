"""Where models are trained and kept, and what is told and recorded of each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import WorkFailed
from engine.evaluation.metrics import metrics_for
from engine.evaluation.thresholds import judge
from engine.families.base import Family, FeatureRows, Fitted, Progress, TrainingData
from engine.files import read_json
from engine.specs.codec import from_json
from engine.specs.features import VIEWS
from engine.specs.training import Candidate, ModelRecord, TaskSpec
from engine.training.feature_rows import Doubles

BODY, RECORD = "body.onnx", "record.json"
#: Training rows that are scored too, fewer where they are wide: 100 million pixels are 3,600 pictures of 96 × 96.
_TRAIN_SCORE_ROWS, _TRAIN_SCORE_CELLS = 20_000, 100_000_000
#: What libraries raise when one model cannot be trained; families turn errors of other kinds into WorkFailed.
LIBRARY_ERRORS = (ValueError, RuntimeError, ArithmeticError, MemoryError, WorkFailed)

OnEvent = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Where the features lie, where models go, and how they are trained.

    features: folder with one folder per view.   models: folder that gets one folder per candidate.
    folds: on how many folds in turn a model is judged; 0 where validation rows judge.
    weights: folder of imported weights of networks; None where there is none.
    """

    task: TaskSpec
    features: Path
    models: Path
    seed: int
    threads: int
    clock: Callable[[], float]
    folds: int = 0
    weights: Path | None = None

    def view(self, member: Family) -> Path:
        """Return the folder of the view that `member` reads.   Raises: WorkFailed where the data has none for it."""
        views = tuple(view for view in VIEWS if (self.features / view).is_dir())
        name = member.view_among(views)
        if name is None:
            raise WorkFailed(
                f"{member.title} cannot be trained: it reads the view {member.view!r}. Received {list(views)}.",
                remedy="Leave this family out with --families.",
            )
        return self.features / name

    def data(self, train: FeatureRows, valid: FeatureRows) -> TrainingData:
        """Return what a family trains on."""
        return TrainingData(
            task=self.task.task,
            outputs=self.task.outputs,
            train=train,
            valid=valid,
            seed=self.seed,
            threads=self.threads,
            weights=self.weights,
        )


def read_record(folder: Path) -> ModelRecord | None:
    """Return the record of a finished model, or None when `folder` does not hold a whole one."""
    path = folder / RECORD
    return from_json(ModelRecord, read_json(path)) if path.exists() else None


def fold_body(fold: int) -> str:
    """Return the name of the body that never saw `fold`, in the folder of a bag."""
    return f"body-{fold}.onnx"


def bodies(folder: Path) -> tuple[Path, ...]:
    """Return the bodies of a finished model, whose mean is its answer: one, or one per fold."""
    single = folder / BODY
    return (single,) if single.exists() else tuple(sorted(folder.glob(fold_body(0).replace("0", "*"))))


def record_of(
    candidate: Candidate,
    task: TaskSpec,
    fitted: Fitted,
    data: TrainingData,
    answers: tuple[Doubles, Doubles],
    seconds: float,
) -> ModelRecord:
    """Return the record of a trained model.   answers: y (n,) and scores (n, outputs) on the rows that judge it."""
    deciding = judge(task)
    most = max(1, min(_TRAIN_SCORE_ROWS, _TRAIN_SCORE_CELLS // math.prod(data.train.sample_shape)))
    train_x, train_y = data.train.arrays(most)
    return ModelRecord(
        candidate=candidate,
        score=deciding.value(*answers),
        train_score=deciding.value(train_y, fitted.predict(train_x)),
        metrics={one.name: float(one.value(*answers)) for one in metrics_for(task.task, task.classes)},
        seconds=round(seconds, 3),
        rows=fitted.rows,
        features=math.prod(data.train.sample_shape),
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
