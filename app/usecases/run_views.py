"""What the stations of the walk show of a run: the plan, the split, the families to choose from, the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.usecases.person import Person
from app.usecases.refusals import Refusal
from app.usecases.run_access import find_run
from app.usecases.run_changes import differing_fields
from app.usecases.run_files import RunFiles
from app.usecases.run_live import leaderboard
from app.usecases.run_progress import journals
from app.usecases.run_shapes import estimated_shapes
from app.usecases.weights import networks_of
from app.wiring import Appliance
from engine.evaluation.metrics import metrics_for
from engine.families import CATALOGUE as FAMILIES
from engine.families import baseline
from engine.families.base import Family
from engine.specs.costs import Costs
from engine.specs.dataset import ImportSummary
from engine.specs.evaluation import Evaluation, Finding, Importance
from engine.specs.features import ColumnChoice, FeaturePlan
from engine.specs.learning import LearningCurve
from engine.specs.params import Param
from engine.specs.picture_findings import PictureFindings
from engine.specs.profile import Profile
from engine.specs.report import DataFacts, LeaderboardRow, Report, RunSettings
from engine.specs.run import RunSpec
from engine.specs.schema import Schema
from engine.specs.set_names import names_sets
from engine.specs.split import Leak, SplitSpec, SplitSummary
from engine.specs.training import Candidate, TaskSpec
from engine.splitters import CATALOGUE as SPLITTERS
from engine.steps import STEPS
from engine.training.candidates import propose_candidates
from engine.words import words
from store.run_records import RunRecord

#: Of the time limit, about so much is left for training once evaluating and publishing have their share.
_TRAINING_SHARE = 0.85
MOST_COMPARED = 8


@dataclass(frozen=True, kw_only=True)
class PlanView:
    """How columns become features.   plan: with a choice for every column but the target; None until it is proposed.

    task: the question asked of the data, once it is known.   leaks: columns that were found to tell the target.
    """

    schema: Schema | None
    profile: Profile | None
    plan: FeaturePlan | None
    leaks: tuple[Leak, ...]
    task: TaskSpec | None
    spec: RunSpec


@dataclass(frozen=True, kw_only=True)
class SplitterChoice:
    """One way to divide rows.   needs: "", "group", "time" or "set"; then one of `columns` has to be named."""

    name: str
    title: str
    help: str
    needs: Literal["", "group", "time", "set"]
    columns: tuple[str, ...]
    is_selected: bool


@dataclass(frozen=True, kw_only=True)
class SplitView:
    """How rows are divided.   spec, summary: None until it is done."""

    spec: SplitSpec | None
    summary: SplitSummary | None
    leaks: tuple[Leak, ...]
    splitters: tuple[SplitterChoice, ...]
    task: TaskSpec | None


@dataclass(frozen=True, kw_only=True)
class FamilyChoice:
    """One family.   params: its dials as declared.   selected: it is going to be trained.

    candidates: what of it would be trained when it is selected.   refused: why it cannot be at this size, or None.
    why: why it is proposed, or why not.
    """

    name: str
    title: str
    summary: str
    params: tuple[Param, ...]
    selected: bool
    refused: str | None
    why: str
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChoicesView:
    """What is decided before training.

    metrics: (name, title), default first.   chosen_by_data: nobody named families.
    classes: of the target, the second one being the positive one.   costs: of errors, where they decide.
    """

    families: tuple[FamilyChoice, ...]
    metrics: tuple[tuple[str, str], ...]
    metric: str
    time_limit_s: float
    seed: int
    chosen_by_data: bool = True
    classes: tuple[str, ...] = ()
    costs: Costs | None = None


@dataclass(frozen=True, kw_only=True)
class ComparedRun:
    """One run among others.   chosen: what was published or would be.   seconds: worked in all."""

    record: RunRecord
    spec: RunSpec
    evaluation: Evaluation | None
    chosen: tuple[LeaderboardRow, ...]
    columns_used: int | None
    rows: Mapping[str, int]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Runs side by side, in the order asked for.

    differing: fields of their specs that are not the same in all.   is_fair: they answered the same rows of the same
    question; else `why_not` says what stands against comparing their scores.
    """

    runs: tuple[ComparedRun, ...]
    differing: tuple[str, ...]
    is_fair: bool
    why_not: str = ""


def feature_plan(box: Appliance, who: Person, run_id: str) -> PlanView:
    """Return how the run's columns become features, and why.   Raises: NotFound."""
    files = _files(box, run_id)
    return PlanView(
        schema=files.schema,
        profile=files.profile,
        plan=shown_plan(files),
        leaks=files.leaks,
        task=files.task,
        spec=files.spec,
    )


def shown_plan(files: RunFiles) -> FeaturePlan | None:
    """Return the plan as it will be used, with a choice for every column: leaks and dropped columns are not used."""
    plan, schema, spec = files.plan, files.schema, files.spec
    if plan is None or schema is None:
        return None
    usable = spec.usable(plan, files.leaks)
    known = {choice.column: choice for choice in usable.columns}
    dropped = words("Switched off by hand.")
    choices = tuple(
        known.get(name, ColumnChoice(column=name, use=False, reason=dropped))
        for name in schema.names
        if name != spec.target
    )
    return FeaturePlan(columns=choices, views=usable.views, version=usable.version)


def split_view(box: Appliance, who: Person, run_id: str) -> SplitView:
    """Return how the run's rows are divided, and the ways there are.   Raises: NotFound."""
    files = _files(box, run_id)
    spec, schema, target = files.split, files.schema, files.spec.target
    columns = [column for column in schema.columns if column.name != target] if schema else []
    facts = files.profile.by_name if files.profile else {}
    by_need: Mapping[str, tuple[str, ...]] = {
        "": (),
        "group": tuple(column.name for column in columns if column.semantic != "constant"),
        "time": tuple(
            column.name for column in columns if column.physical != "string" or column.datetime_format
        ),
        "set": tuple(
            column.name for column in columns if column.name in facts and names_sets(facts[column.name])
        ),
    }
    return SplitView(
        spec=spec,
        summary=files.divided,
        leaks=files.leaks,
        splitters=tuple(
            SplitterChoice(
                name=one.name,
                title=one.title,
                help=one.help,
                needs=one.needs,
                columns=by_need[one.needs],
                is_selected=spec is not None and spec.splitter == one.name,
            )
            for one in SPLITTERS
        ),
        task=files.task,
    )


def choices(box: Appliance, who: Person, run_id: str) -> ChoicesView:
    """Return the families, which of them would be trained and why, and what else is decided before training.

    Raises: NotFound; Conflict until the run is prepared.
    """
    files = _files(box, run_id)
    spec, task = files.spec, files.task
    shapes = estimated_shapes(files, networks_of(box))
    asked = spec.families
    limit = spec.time_limit_s * _TRAINING_SHARE
    proposed, declined = propose_candidates(
        shapes.task, shapes.by_view, time_limit_s=limit, params=spec.params
    )
    reasons = {one.family: one.reason for one in declined}
    families = []
    for member in FAMILIES:
        if member.view_among(tuple(shapes.by_view)) is None:
            continue  # it reads another kind of data
        offered, refusals = propose_candidates(
            shapes.task, shapes.by_view, time_limit_s=limit, families=(member.name,), params=spec.params
        )
        of_data = tuple(one for one in proposed if one.family == member.name)
        is_selected = (bool(of_data) if asked is None else member.name in asked) or member is baseline.FAMILY
        shown = of_data or offered
        families.append(
            FamilyChoice(
                name=member.name,
                title=member.title,
                summary=member.summary,
                params=member.params,
                selected=is_selected and not refusals,
                refused=refusals[0].reason if refusals else None,
                why=reasons.get(member.name) or _first_reason(shown, member),
                candidates=shown,
            )
        )
    fitting = metrics_for(shapes.task.task, shapes.task.classes)
    return ChoicesView(
        families=tuple(families),
        metrics=tuple((one.name, one.title) for one in fitting),
        metric=task.metric if task is not None else fitting[0].name,
        time_limit_s=spec.time_limit_s,
        seed=spec.seed,
        chosen_by_data=asked is None,
        classes=shapes.task.classes,
        costs=spec.costs,
    )


def report(box: Appliance, who: Person, run_id: str) -> Report | None:
    """Return the run's report: whole once it is published, what is known of it once it is evaluated, else None.

    Raises: NotFound.
    """
    record = find_run(box, run_id)
    files = RunFiles(box.folder.run(record.id))
    whole = files.read(Report, files.paths.report)
    return whole or _draft(files, record)


def compare(box: Appliance, who: Person, run_ids: Sequence[str]) -> Comparison:
    """Return two to eight runs side by side.   Raises: NotFound; Refusal for another number of runs."""
    wanted = tuple(dict.fromkeys(run_ids))
    if not 2 <= len(wanted) <= MOST_COMPARED:
        raise Refusal(
            words(
                "Runs cannot be compared so. Expected: 2 to {most} different runs. Received: {count}.",
                most=MOST_COMPARED,
                count=len(wanted),
            ),
            remedy=words("Choose from 2 to {most} runs.", most=MOST_COMPARED),
        )
    runs = tuple(_compared(box, run_id) for run_id in wanted)
    differing = {
        name
        for one in runs
        for name in differing_fields(runs[0].spec, one.spec)
        if name not in ("data", "version")
    }
    why_not = _unfair(runs, [RunFiles(box.folder.run(one.record.id)).split for one in runs])
    return Comparison(runs=runs, differing=tuple(sorted(differing)), is_fair=not why_not, why_not=why_not)


def _files(box: Appliance, run_id: str) -> RunFiles:
    return RunFiles(box.folder.run(find_run(box, run_id).id))


def _first_reason(candidates: Iterable[Candidate], member: Family) -> str:
    return next((one.reason for one in candidates if one.reason), member.summary)


def _draft(files: RunFiles, record: RunRecord) -> Report | None:
    evaluation = files.read(Evaluation, files.paths.evaluation, "evaluation")
    imported = files.read(ImportSummary, files.paths.import_summary)
    profile, schema, spec = files.profile, files.schema, files.spec
    if evaluation is None or imported is None or profile is None or schema is None:
        return None
    with journals.of(files.folder) as progress:
        rows = leaderboard(progress, files)
        titles = {step.name: step.title for step in STEPS}
        seconds = {titles[name]: step.seconds for name, step in progress.steps.items() if name in titles}
        elapsed = progress.elapsed_s
        ended = progress.at
    return Report(
        title=f"{spec.target} · {spec.data_name}",
        created_at=ended.isoformat(timespec="seconds") if ended else record.updated_at.isoformat(),
        task=files.task,
        data=DataFacts(
            name=spec.data_name,
            rows=imported.rows_imported,
            columns=len(schema.columns),
            duplicate_rows=profile.duplicate_rows,
        ),
        imported=imported,
        split=files.split,
        divided=files.divided,
        leaks=files.leaks,
        leaderboard=rows,
        evaluation=evaluation,
        importance=files.read(Importance, files.paths.evaluation, "importance"),
        findings=files.read_many(Finding, files.paths.evaluation, "advice"),
        pictures=files.read(PictureFindings, files.paths.pictures),
        learning=files.read(LearningCurve, files.paths.learning_curve),
        settings=RunSettings(
            seed=spec.seed,
            time_limit_s=spec.time_limit_s,
            elapsed_s=elapsed,
            steps=seconds,
            families=spec.families,
        ),
    )


def _compared(box: Appliance, run_id: str) -> ComparedRun:
    record = find_run(box, run_id)
    files = RunFiles(box.folder.run(record.id))
    plan, divided = shown_plan(files), files.divided
    with journals.of(files.folder) as progress:
        rows, seconds = leaderboard(progress, files), progress.elapsed_s
    return ComparedRun(
        record=record,
        spec=files.spec,
        evaluation=files.read(Evaluation, files.paths.evaluation, "evaluation"),
        chosen=tuple(row for row in rows if row.is_chosen),
        columns_used=len(plan.used_columns) if plan else None,
        rows=dict(divided.rows) if divided else {},
        seconds=seconds,
    )


def _unfair(runs: Sequence[ComparedRun], splits: Sequence[SplitSpec | None]) -> str:
    """Say what stands against comparing the runs' scores; "" when nothing does."""

    def same(values: Iterable[Any]) -> bool:
        return len(set(values)) == 1

    if not same((one.record.target, one.record.task) for one in runs):
        return words("They answer different questions.")
    if not same(one.record.dataset_id for one in runs):
        return words("They were made from different datasets.")
    if not same((one.splitter, one.column, one.test_share, one.seed) if one else None for one in splits):
        return words("They were tested on different rows.")
    if any(one.evaluation is None for one in runs):
        return words("Not all of them have been evaluated.")
    if not same(one.evaluation.metric for one in runs if one.evaluation):
        return words("They are judged by different metrics.")
    return ""
