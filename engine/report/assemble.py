"""Gather a run's records into its report and its model card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

from engine.export.parity import Parity
from engine.families import family
from engine.files import read_json
from engine.providers.fingerprint import Fingerprint
from engine.run import Run
from engine.specs.bundle import (
    AdviceFact,
    DatasetFacts,
    InputFacts,
    IntervalFacts,
    MemberFacts,
    MetricValue,
    ModelCard,
    ParityFacts,
)
from engine.specs.codec import from_json
from engine.specs.dataset import ImportSummary
from engine.specs.evaluation import Evaluation, Finding, Importance
from engine.specs.features import FeaturePlan
from engine.specs.learning import LearningCurve
from engine.specs.picture_findings import PictureFindings
from engine.specs.profile import ColumnProfile, Profile
from engine.specs.report import (
    ColumnFacts,
    DataFacts,
    Judges,
    LeaderboardRow,
    ModelFile,
    ParityResult,
    Report,
    RunSettings,
)
from engine.specs.run import RunSpec
from engine.specs.schema import Schema
from engine.specs.search import SearchFindings
from engine.specs.split import Leak, SplitSpec, SplitSummary
from engine.specs.training import ModelRecord, Selection, TaskSpec
from engine.training.candidates import Declined
from engine.training.candidates import title_of as candidate_title

VERSIONED = ("duckdb", "lightgbm", "onnx", "onnxruntime", "scikit-learn", "keras")
MOST_EXAMPLE_LETTERS = 40
#: Of a text column, what the model card keeps: enough for a list to choose from, little enough for any file.
MOST_CHOICES = 30
MOST_CHOICE_LETTERS = 80


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything the steps before publishing recorded, as read from the run folder."""

    spec: RunSpec
    sha256: str
    imported: ImportSummary
    schema: Schema
    profile: Profile
    task: TaskSpec
    plan: FeaturePlan
    split: SplitSpec
    divided: SplitSummary
    leaks: tuple[Leak, ...]
    records: tuple[ModelRecord, ...]
    refusals: tuple[Declined, ...]
    selection: Selection
    evaluation: Evaluation
    importance: Importance
    advice: tuple[Finding, ...]
    created_at: str
    search: SearchFindings | None = None
    pictures: PictureFindings | None = None
    learning: LearningCurve | None = None

    @classmethod
    def of(cls, run: Run) -> Findings:
        """Read everything that the steps before publishing recorded in the run folder."""
        paths = run.paths
        judged = read_json(paths.evaluation)
        searched = paths.search_findings
        return cls(
            spec=run.spec,
            sha256=run.read(Fingerprint, paths.source).sha256,
            imported=run.read(ImportSummary, paths.import_summary),
            schema=run.schema,
            profile=run.read(Profile, paths.profile),
            task=run.task,
            plan=run.usable_plan(),
            split=run.read(SplitSpec, paths.split_spec),
            divided=run.read(SplitSummary, paths.split_summary),
            leaks=run.leaks,
            records=run.records,
            refusals=run.refusals,
            selection=run.read(Selection, paths.selection),
            evaluation=from_json(Evaluation, judged["evaluation"]),
            importance=from_json(Importance, judged["importance"]),
            advice=tuple(from_json(Finding, finding) for finding in judged["advice"]),
            created_at=run.now(),
            search=run.read(SearchFindings, searched) if searched.exists() else None,
            pictures=run.read(PictureFindings, paths.pictures) if paths.pictures.exists() else None,
            learning=run.learning,
        )


def model_card(found: Findings, parity: Parity) -> ModelCard:
    """Return what the model file says about itself."""
    total = sum(member.weight for member in found.selection.members)
    by_id = {record.candidate.id: record.candidate for record in found.records}
    rows = found.divided.rows
    return ModelCard(
        title=title_of(found.spec, found.task),
        created_at=found.created_at,
        task=found.task.task,
        target=found.task.target,
        dataset=DatasetFacts(
            name=found.spec.data_name,
            rows=found.imported.rows_imported,
            columns=len(found.schema.columns),
            train_rows=rows.get("train", 0),
            valid_rows=rows.get("valid", 0),
            test_rows=rows.get("test", 0),
            sha256=found.sha256,
        ),
        metrics=tuple(
            MetricValue(
                name=score.name,
                value=score.value,
                low=score.interval.low if score.interval else None,
                high=score.interval.high if score.interval else None,
                baseline=score.baseline,
            )
            for score in found.evaluation.scores
        ),
        members=tuple(
            MemberFacts(
                id=member.candidate,
                family=by_id[member.candidate].family,
                weight=member.weight / total,
                params=by_id[member.candidate].params,
            )
            for member in found.selection.members
        ),
        advice=tuple(AdviceFact(code=finding.code, message=finding.evidence) for finding in found.advice),
        parity=ParityFacts(
            rows=parity.rows,
            max_difference=parity.max_difference,
            mean_difference=parity.mean_difference,
            tolerance=parity.tolerance,
        ),
        temperature=found.selection.temperature,
        threshold=found.selection.threshold.value if found.selection.threshold else None,
        intervals=_intervals(found),
        inputs=tuple(
            picture_facts(name, found.profile)
            if found.schema.column(name).input_type == "image"
            else input_facts(found.profile.by_name[name])
            for name in found.plan.used_columns
            if name != found.task.target and name in found.profile.by_name
        ),
    )


def _intervals(found: Findings) -> IntervalFacts | None:
    margins, held = found.selection.margins, found.evaluation.coverage
    if margins is None or held is None:
        return None
    return IntervalFacts(margins=margins, coverage=held.share, mean_width=held.mean_width)


def picture_facts(name: str, profile: Profile) -> InputFacts:
    """Return what a person who gives pictures should know of those in column `name`: how large they usually are."""
    columns = profile.by_name
    width, height = (
        columns[side].quantiles.get("0.5") if side in columns else None for side in ("width", "height")
    )
    return InputFacts(name=name, width=width, height=height)


def input_facts(column: ColumnProfile) -> InputFacts:
    """Return what a form needs to know of one column; values longer than a line are no choices."""
    choices = [value for value, _ in column.top_values if value and len(value) <= MOST_CHOICE_LETTERS]
    return InputFacts(
        name=column.name,
        low=column.quantiles.get("0.01", column.minimum),
        median=column.quantiles.get("0.5", column.mean),
        high=column.quantiles.get("0.99", column.maximum),
        choices=tuple(choices[:MOST_CHOICES]),
        complete=0 < len(choices) == column.distinct <= MOST_CHOICES,
        has_missing=column.missing > 0,
    )


def build_report(
    found: Findings, parity: Parity, model: ModelFile, *, elapsed_s: float, steps: Mapping[str, float]
) -> Report:
    """Return the whole report of a finished run.   steps: step title → seconds."""
    return Report(
        title=title_of(found.spec, found.task),
        created_at=found.created_at,
        task=found.task,
        data=DataFacts(
            name=found.spec.data_name,
            rows=found.imported.rows_imported,
            columns=len(found.schema.columns),
            duplicate_rows=found.profile.duplicate_rows,
            sha256=found.sha256,
            rejects="dataset/rejects.csv" if found.imported.rows_rejected else None,
        ),
        imported=found.imported,
        columns=_columns(found, model.inputs),
        split=found.split,
        divided=found.divided,
        leaks=found.leaks,
        judges=_judges(found),
        leaderboard=leaderboard(found),
        evaluation=found.evaluation,
        importance=found.importance,
        findings=found.advice,
        parity=ParityResult(
            rows=parity.rows,
            max_difference=parity.max_difference,
            tolerance=parity.tolerance,
            passed=True,
            differing_labels=parity.label_mismatches,
        ),
        model=model,
        settings=RunSettings(
            seed=found.spec.seed,
            time_limit_s=found.spec.time_limit_s,
            elapsed_s=round(elapsed_s, 3),
            steps=steps,
            families=found.spec.families,
            versions={name: version(name) for name in VERSIONED},
        ),
        search=found.search,
        pictures=found.pictures,
        learning=found.learning,
    )


def title_of(spec: RunSpec, task: TaskSpec) -> str:
    """Return the name a person knows this run by."""
    return f"{task.target} · {spec.data_name}"


def leaderboard(found: Findings) -> tuple[LeaderboardRow, ...]:
    """Return every candidate, best validation score first, then the refused ones."""
    weights = {member.candidate: member.weight for member in found.selection.members}
    total = sum(weights.values())
    rows = [
        LeaderboardRow(
            id=record.candidate.id,
            family=record.candidate.family,
            title=candidate_title(record.candidate.id, record.candidate.family),
            params=record.candidate.params,
            score=record.score,
            train_score=record.train_score,
            seconds=record.seconds,
            rows=record.rows,
            features=record.features,
            stopped=record.stopped,
            is_chosen=record.candidate.id in weights,
            weight=weights[record.candidate.id] / total if record.candidate.id in weights else None,
            fold_scores=record.fold_scores,
        )
        for record in found.records
    ]
    refused = [
        LeaderboardRow(
            id=refusal.family,
            family=refusal.family,
            title=family(refusal.family).title,
            refused=refusal.reason,
        )
        for refusal in found.refusals
    ]
    return (*rows, *refused)


def _judges(found: Findings) -> Judges:
    rows, folds = found.divided.rows, len(found.records[0].fold_scores)
    return Judges(rows=rows.get("valid", 0) + (rows.get("train", 0) if folds else 0), folds=folds)


def _columns(found: Findings, inputs: Mapping[str, str]) -> tuple[ColumnFacts, ...]:
    reasons = {choice.column: choice.reason for choice in found.plan.columns}
    leaks = {leak.column: leak.message for leak in found.leaks if leak.column not in found.spec.keep}
    losses = {column.column: column.loss for column in found.importance.columns}
    facts = found.profile.by_name
    return tuple(
        ColumnFacts(
            name=column.name,
            semantic=column.semantic,
            missing_share=facts[column.name].missing / max(1, facts[column.name].rows),
            distinct=facts[column.name].distinct,
            used=column.name in inputs,
            reason=_reason(column.name, found, reasons, leaks),
            example=_example(facts[column.name]),
            loss=losses.get(column.name),
        )
        for column in found.schema.columns
    )


def _reason(name: str, found: Findings, reasons: Mapping[str, str], leaks: Mapping[str, str]) -> str:
    if name == found.task.target:
        return "The target."
    if name in found.spec.drop:
        return "Dropped on request."
    return leaks.get(name) or reasons.get(name, "")


def _example(facts: ColumnProfile) -> str:
    if facts.top_values:
        return facts.top_values[0][0][:MOST_EXAMPLE_LETTERS]
    median = facts.quantiles.get("0.5")
    return f"{median:.6g}" if median is not None else ""
