"""The report of a run: what a person needs to trust, refuse or improve a model. Parts not there are None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.specs.evaluation import Evaluation, Finding, Importance
from engine.specs.training import TaskSpec


@dataclass(frozen=True, kw_only=True)
class DataFacts:
    """What was imported: rows_read = rows + rejected_rows.

    rows: imported ones, target missing or not.   unlabelled_rows: rows without a target, never trained on.
    facts: further facts of the import by name, such as encoding and delimiter.
    """

    name: str
    rows_read: int
    rows: int
    rejected_rows: int
    columns: int
    size_bytes: int | None = None
    duplicate_rows: int = 0
    unlabelled_rows: int = 0
    sha256: str | None = None
    rejects_file: str | None = None
    facts: Mapping[str, str | int | float | bool] = field(default_factory=dict)


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
class Leak:
    """A column that seems to know the answer.   score: how well it alone predicts the target, 0 to 1."""

    column: str
    reason: str
    dropped: bool
    score: float | None = None


@dataclass(frozen=True, kw_only=True)
class SplitFacts:
    """How rows were divided.   class_rows: set → label → rows, for classification."""

    splitter: str
    reason: str
    seed: int
    train_rows: int
    valid_rows: int
    test_rows: int
    column: str | None = None
    class_rows: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    leaks: tuple[Leak, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LeaderboardRow:
    """One candidate.   refused: why it was not trained or not kept; its figures are None then.

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
    columns: tuple[ColumnFacts, ...] = ()
    split: SplitFacts | None = None
    leaderboard: tuple[LeaderboardRow, ...] = ()
    evaluation: Evaluation | None = None
    importance: Importance | None = None
    findings: tuple[Finding, ...] = ()
    parity: ParityResult | None = None
    model: ModelFile | None = None
    settings: RunSettings | None = None
    version: int = 1
