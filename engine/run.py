"""One attempt at a run: what it was given, what earlier steps recorded, and how its time is shared out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from engine.evaluation.metrics import metric
from engine.families import family
from engine.files import read_json
from engine.modalities.table import ImportLimits
from engine.specs.codec import from_json
from engine.specs.features import FeaturePlan
from engine.specs.learning import LearningCurve
from engine.specs.run import RunPaths, RunSpec
from engine.specs.schema import Schema
from engine.specs.split import Leak, SplitSummary
from engine.specs.training import Candidate, ModelRecord, TaskSpec
from engine.training.candidates import Declined
from engine.training.workshop import read_record

T = TypeVar("T")

#: Family of the trivial model, which every run trains to compare with.
BASELINE = "baseline"
#: Evaluation, parity gate and report of a blend of bags take about this long on a small table, and 1 s more per so
#: many test rows.
FINISHING_S = 8.0
FINISHING_SHARE = 0.06
TEST_ROWS_PER_S = 15_000
IMPORTANCE_SHARE = 0.04


@dataclass(frozen=True, kw_only=True)
class Run:
    """One attempt at a run.

    clock: seconds the run has worked, over all attempts.  now: the time of day as ISO 8601 with offset.
    emit: receives every event, a mapping with "event".  step_seconds: step title → seconds, of finished steps.
    version: of AI Mass.  weights: folder of imported weights of networks; None where there is none.
    """

    spec: RunSpec
    paths: RunPaths
    clock: Callable[[], float]
    now: Callable[[], str]
    emit: Callable[[Mapping[str, Any]], None]
    step_seconds: Callable[[], Mapping[str, float]]
    threads: int
    memory_bytes: int
    version: str
    weights: Path | None = None

    @property
    def limits(self) -> ImportLimits:
        return ImportLimits(
            memory_bytes=self.memory_bytes, threads=self.threads, temporary_folder=self.paths.folder
        )

    def progress(self, share: float) -> None:
        """Say how much of the current step is done, 0 to 1."""
        self.emit({"event": "step_progress", "share": round(share, 4)})

    def read(self, kind: type[T], path: Path) -> T:
        """Read a spec or record that an earlier step wrote."""
        return from_json(kind, read_json(path))

    @property
    def task(self) -> TaskSpec:
        """The question asked of the data, decided by the metric that a person chose, where one did."""
        task = self.read(TaskSpec, self.paths.task)
        metric = self.spec.decided_by
        return dataclasses.replace(task, metric=metric) if metric else task

    @property
    def schema(self) -> Schema:
        return self.read(Schema, self.paths.schema)

    @property
    def input_schema(self) -> Schema:
        """The schema without the target and without the columns a person dropped."""
        return self.schema.without(self.spec.target, *self.spec.drop)

    @property
    def leaks(self) -> tuple[Leak, ...]:
        """Every column that was found to leak, kept on purpose or not."""
        return tuple(from_json(Leak, leak) for leak in read_json(self.paths.leaks))

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        return tuple(from_json(Candidate, one) for one in read_json(self.paths.candidates)["candidates"])

    @property
    def refusals(self) -> tuple[Declined, ...]:
        return tuple(from_json(Declined, one) for one in read_json(self.paths.candidates)["refusals"])

    @property
    def learning(self) -> LearningCurve | None:
        """What a chosen model reached on fewer rows, where there was time to see."""
        drawn = self.paths.learning_curve
        return self.read(LearningCurve, drawn) if drawn.exists() else None

    @property
    def folds(self) -> int:
        """On how many folds every model is judged in turn; 0 where the validation rows judge."""
        return int(read_json(self.paths.candidates).get("folds", 0))

    @property
    def records(self) -> tuple[ModelRecord, ...]:
        """Every finished model, best validation score first."""
        folders = sorted(path for path in self.paths.models.iterdir() if not path.name.startswith(".tmp-"))
        found = [record for folder in folders if (record := read_record(folder)) is not None]
        better_last = metric(self.task.metric).greater_is_better
        return tuple(sorted(found, key=lambda record: record.score, reverse=better_last))

    def usable_plan(self) -> FeaturePlan:
        """Return the plan without the columns that leak the target, but those kept on purpose."""
        return self.spec.usable(self.read(FeaturePlan, self.paths.plan), self.leaks)

    @property
    def finishing_s(self) -> float:
        """Seconds to keep back for evaluating and publishing."""
        divided = self.read(SplitSummary, self.paths.split_summary)
        return (
            FINISHING_S
            + FINISHING_SHARE * self.spec.time_limit_s
            + divided.rows.get("test", 0) / TEST_ROWS_PER_S
        )

    @property
    def training_s(self) -> float:
        """Seconds that are left for training now."""
        return max(0.0, self.spec.time_limit_s - self.clock() - self.finishing_s)

    @property
    def importance_s(self) -> float:
        """Seconds that weighing the columns may take."""
        return 1.0 + IMPORTANCE_SHARE * self.spec.time_limit_s

    def families(self) -> tuple[str, ...] | None:
        """Return the families asked for, the baseline always among them; None when the data decides."""
        if self.spec.families is None:
            return None
        return tuple(dict.fromkeys((BASELINE, *(family(name).name for name in self.spec.families))))


def yardsticks(records: tuple[ModelRecord, ...]) -> dict[str, ModelRecord]:
    """Return the models the chosen one is compared with: "baseline", and "linear" where one was trained.

    records: best first.
    """
    found: dict[str, ModelRecord] = {}
    for record in records:
        member = family(record.candidate.family)
        name = BASELINE if member.name == BASELINE else "linear" if member.is_linear else None
        if name is not None:
            found.setdefault(name, record)
    return found
