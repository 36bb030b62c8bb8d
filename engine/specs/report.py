"""The report of a run: what a person needs to trust, refuse or improve a model. Parts not there are None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.specs.dataset import ImportSummary
from engine.specs.evaluation import Evaluation, Finding, Importance
from engine.specs.learning import LearningCurve
from engine.specs.picture_findings import PictureFindings
from engine.specs.search import SearchFindings
from engine.specs.split import Leak, SplitSpec, SplitSummary
from engine.specs.training import TaskSpec


@dataclass(frozen=True, kw_only=True)
class DataFacts:
    """The imported table.   rows: imported ones, labelled or not.   rejects: file of refused rows."""

    name: str
    rows: int
    columns: int
    duplicate_rows: int = 0
    sha256: str | None = None
    rejects: str | None = None


@dataclass(frozen=True, kw_only=True)
class ColumnFacts:
    """One raw column: what it is, and whether the model reads it.   loss: its importance, where measured."""

    name: str
    semantic: str
    missing_share: float
    distinct: int
    used: bool
    reason: str
    example: str = ""
    loss: float | None = None


@dataclass(frozen=True, kw_only=True)
class Judges:
    """The rows that judged every candidate.   folds: left out in turn; 0 where one set of validation rows judged."""

    rows: int
    folds: int = 0


@dataclass(frozen=True, kw_only=True)
class LeaderboardRow:
    """One candidate.   refused: why it was not trained or not kept; its figures are None then.

    fold_scores: on each fold in turn, where folds judged.
    is_chosen: it is (a member of) the published model, with `weight` as its share of the answer.
    """

    id: str
    family: str
    title: str
    params: Mapping[str, Any] = field(default_factory=dict)
    score: float | None = None
    train_score: float | None = None
    seconds: float | None = None
    rows: int | None = None
    features: int | None = None
    stopped: str | None = None
    is_chosen: bool = False
    weight: float | None = None
    fold_scores: tuple[float, ...] = ()
    refused: str | None = None


@dataclass(frozen=True, kw_only=True)
class ParityResult:
    """How closely the published file answers as the trained models did.   differing_labels: must be 0."""

    rows: int
    max_difference: float
    tolerance: float
    passed: bool
    differing_labels: int = 0


@dataclass(frozen=True, kw_only=True)
class ModelFile:
    """The published file.   inputs: name → "float" or "string".   …_ms: median latency, one thread."""

    name: str
    size_bytes: int
    sha256: str
    inputs: Mapping[str, str]
    golden_rows: int | None = None
    single_row_ms: float | None = None
    thousand_rows_ms: float | None = None


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """What was asked, and how long each step took.   versions: of the libraries that made the model."""

    seed: int
    time_limit_s: float
    elapsed_s: float
    steps: Mapping[str, float] = field(default_factory=dict)
    families: tuple[str, ...] | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole run on one page.   created_at: ISO 8601, given by the caller.   findings: issues first."""

    title: str
    created_at: str
    task: TaskSpec | None = None
    data: DataFacts | None = None
    imported: ImportSummary | None = None
    columns: tuple[ColumnFacts, ...] = ()
    split: SplitSpec | None = None
    divided: SplitSummary | None = None
    leaks: tuple[Leak, ...] = ()
    judges: Judges | None = None
    leaderboard: tuple[LeaderboardRow, ...] = ()
    evaluation: Evaluation | None = None
    importance: Importance | None = None
    findings: tuple[Finding, ...] = ()
    parity: ParityResult | None = None
    model: ModelFile | None = None
    settings: RunSettings | None = None
    search: SearchFindings | None = None
    pictures: PictureFindings | None = None
    learning: LearningCurve | None = None
    version: int = 1
