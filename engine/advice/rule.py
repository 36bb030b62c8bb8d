"""What every piece of advice is made of: the facts it may look at, and a rule that judges them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.specs.dataset import ImportSummary
from engine.specs.evaluation import Evaluation, Finding, Importance, Severity, Stage
from engine.specs.features import FeaturePlan
from engine.specs.learning import LearningCurve
from engine.specs.picture_findings import PictureFindings
from engine.specs.profile import ColumnProfile, Profile
from engine.specs.schema import Schema
from engine.specs.split import SETS, Leak, SplitSpec, SplitSummary
from engine.specs.training import ModelRecord, TaskSpec
from engine.specs.wording import fill

Values = Mapping[str, int | float | str]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known so far; every part may be missing, so advice can be asked for after each step.

    models: every finished model.   chosen: candidate ids in the published model, heaviest first.
    baseline_score, valid_score: of the trivial model and of the published one, in the deciding metric on
        validation rows; where missing, the evaluation's baseline and the first chosen record stand in.
    baseline_folds: of the trivial model on each fold, where models were cross-validated.
    linear_family: name of the family behind `evaluation.deciding.linear`.
    pictures: what looking at the test pictures said, where the model reads some.
    learning: what a chosen model reached on fewer rows, where there was time to see.
    """

    imported: ImportSummary | None = None
    schema: Schema | None = None
    profile: Profile | None = None
    task: TaskSpec | None = None
    plan: FeaturePlan | None = None
    split: SplitSpec | None = None
    divided: SplitSummary | None = None
    leaks: tuple[Leak, ...] = ()
    models: tuple[ModelRecord, ...] = ()
    chosen: tuple[str, ...] = ()
    baseline_score: float | None = None
    valid_score: float | None = None
    baseline_folds: tuple[float, ...] = ()
    linear_family: str | None = None
    evaluation: Evaluation | None = None
    importance: Importance | None = None
    pictures: PictureFindings | None = None
    learning: LearningCurve | None = None
    time_limit_s: float | None = None

    @property
    def target_profile(self) -> ColumnProfile | None:
        if self.task is None or self.profile is None:
            return None
        return self.profile.by_name.get(self.task.target)

    @property
    def used_columns(self) -> frozenset[str]:
        """Raw columns the model reads; before there is a plan, all but the target."""
        if self.plan is not None:
            return frozenset(self.plan.used_columns)
        names = self.schema.names if self.schema is not None else ()
        return frozenset(names) - {self.task.target if self.task else ""}

    @property
    def class_rows(self) -> Mapping[str, int]:
        """Labelled rows per class, over all sets; empty for regression or before the split."""
        if self.task is None or self.divided is None:
            return {}
        sets = [self.divided.classes.get(name, {}) for name in SETS]
        return {label: sum(rows.get(label, 0) for rows in sets) for label in self.task.classes}

    @property
    def reads_pictures(self) -> bool:
        """Whether the table has a column of pictures."""
        return self.schema is not None and any(c.input_type == "image" for c in self.schema.columns)

    @property
    def leading(self) -> ModelRecord | None:
        """The heaviest model in the published one."""
        by_id = {record.candidate.id: record for record in self.models}
        return next((by_id[name] for name in self.chosen if name in by_id), None)


class Rule(ABC):
    """One piece of advice. `evidence`, `action` and `option` are templates over what `measure` returns.

    option: the words of the command line that do what `action` says, where there are some. A page shows its own
        control instead, so `action` names neither.
    A placeholder may ask for `:figure` (a number as a person writes it); other formats are Python's.
    why: the reason for the rule and its thresholds, for the documentation.
    """

    code: ClassVar[str]
    stage: ClassVar[Stage]
    severity: ClassVar[Severity]
    title: ClassVar[str]
    why: ClassVar[str]
    evidence: ClassVar[str]
    action: ClassVar[str]
    option: ClassVar[str] = ""

    @abstractmethod
    def measure(self, facts: Facts) -> Values | None:
        """Return the numbers and names of the finding, or None when there is nothing to say."""

    def severity_of(self, values: Values) -> Severity:
        """Return how grave these values are; `severity` unless a rule says otherwise."""
        return self.severity

    def check(self, facts: Facts) -> Finding | None:
        """Return the finding on `facts`, or None."""
        values = self.measure(facts)
        if values is None:
            return None
        return Finding(
            code=self.code,
            stage=self.stage,
            severity=self.severity_of(values),
            title=self.title,
            evidence=fill(self.evidence, values),
            action=fill(self.action, values),
            option=fill(self.option, values),
            values=values,
        )


def percent(part: float, whole: float) -> float:
    """Return `part` of `whole` in percent; 0 of nothing is 0."""
    return 100.0 * part / whole if whole else 0.0
