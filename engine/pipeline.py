"""The eight steps from data to one proven model file. Read this file first.

Each step goes from files to files in a run folder. A step whose last file is there is whole and is not redone, so a
run that was killed at any moment continues when it is started again on the same folder.
"""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy.typing as npt
import onnx

from engine.advice import Facts, advise
from engine.errors import BadCommand
from engine.evaluation.metrics import check_decider
from engine.evaluation.temperature import note_temperature
from engine.export.fuse import Member, fuse
from engine.export.publish import serialise
from engine.families import CATALOGUE, family
from engine.families.base import Budget
from engine.families.by_hand import check_by_hand, fixed_ranges
from engine.families.weights import networks_in
from engine.files import publish_folder, sweep_temporary, write_bytes, write_json
from engine.modalities.catalogue import modality_of
from engine.modalities.table import open_database, profile_table
from engine.modalities.table.task import infer_task
from engine.providers.fingerprint import Fingerprint, fingerprint, has_changed
from engine.report.assemble import Findings, build_report, model_card
from engine.report.examine import TestRows, examine, weigh_columns
from engine.report.examine_pictures import examine_pictures
from engine.report.page import render_report
from engine.report.publish import publish_proven
from engine.run import Run, yardsticks
from engine.search.trials import train_searching
from engine.serving.session import Session
from engine.specs.codec import to_json
from engine.specs.dataset import ImportSummary
from engine.specs.features import VIEWS, FeaturePlan
from engine.specs.profile import Profile
from engine.specs.run import RunPaths, RunSpec
from engine.specs.schema import Schema
from engine.specs.split import SplitSpec, SplitSummary
from engine.specs.training import ModelRecord, Selection
from engine.splitters.leakage import find_leaks
from engine.splitters.settle import divide_as_asked
from engine.sql import parquet
from engine.steps import STEPS
from engine.steps import step as step_named
from engine.training.bag import Bag
from engine.training.candidates import propose_candidates, views_read
from engine.training.folds import FeatureWriter, count_folds
from engine.training.holdout import Holdout
from engine.training.learning_curve import draw_learning_curve
from engine.training.materialise import Sample, most_rows, prepare_rows
from engine.training.pixel_rows import shape_of
from engine.training.refit import refit
from engine.training.select import select
from engine.training.settle import settle_answer, settle_each_alone
from engine.training.train import Scheme, train
from engine.training.workshop import Workshop, bodies
from engine.transforms.fitting import check_plan
from engine.transforms.propose import propose_plan

#: Share of the training time for trying models; the rest trains what was chosen once more on more rows.
FIRST_TRAINING_SHARE = 0.85
#: Share of the whole time that a learning curve may take, of what training leaves over.
LEARNING_SHARE = 0.15


def run_pipeline(run: Run, until: str | None = None) -> RunPaths:
    """Do every step that is not yet whole, in order.

    until: name of the last step to do; None for all. "run_finished" is told only when the last one of all is whole.
    Raises: AimassError from the step that cannot be done; KeyError when there is no step `until`.
    """
    last = step_named(until) if until else STEPS[-1]
    sweep_temporary(run.paths.folder)
    _refuse_changed_data(run)
    for step in STEPS[: STEPS.index(last) + 1]:
        named = {"step": step.name, "title": step.title}
        if step.is_whole(run.paths):
            run.emit({"event": "step_kept", **named})
            continue
        run.emit({"event": "step_started", **named})
        start = run.clock()
        summary = WORK[step.name](run)
        seconds = round(run.clock() - start, 3)
        run.emit({"event": "step_finished", **named, "summary": summary, "seconds": seconds})
    if last is STEPS[-1]:
        run.emit({"event": "run_finished"})
    return run.paths


def upload(run: Run) -> str:
    """Step 1: note exactly which bytes this run is about."""
    source = fingerprint(Path(run.spec.data))
    write_json(run.paths.source, to_json(source))
    return f"{source.name}, {source.bytes / 1e6:,.1f} MB"


def import_data(run: Run) -> str:
    """Step 2: read the source into Parquet with a schema, describe it, and see what is asked of it."""
    paths, spec = run.paths, run.spec
    check_by_hand(spec.params)

    def fill(folder: Path) -> None:
        source = Path(spec.data)
        modality_of(source).import_data(source, folder, limits=run.limits, progress=run.progress)

    if not paths.dataset.exists():
        publish_folder(paths.dataset, fill)
    schema = run.schema
    _refuse_unknown_columns(spec, schema)
    profile = profile_table(paths.data, schema, target=spec.target, limits=run.limits)
    task = infer_task(schema, profile, target=spec.target, data=paths.data, requested=spec.task)
    check_decider(spec.metric, spec.costs, task)
    write_json(paths.task, to_json(task))
    write_json(paths.profile, to_json(profile))
    summary = run.read(ImportSummary, paths.import_summary)
    rejected = f", {summary.rows_rejected:,} rejected" if summary.rows_rejected else ""
    return f"{summary.rows_imported:,} rows × {len(schema.columns)} columns{rejected}; {task.task}"


def plan_features(run: Run) -> str:
    """Step 3: propose how columns become features, or check the plan a person edited."""
    schema = run.input_schema
    profile = run.read(Profile, run.paths.profile)
    plan = run.spec.plan or propose_plan(schema, profile, run.task, run.spec.keep)
    check_plan(plan, schema)
    write_json(run.paths.plan, to_json(plan))
    return f"{len(plan.used_columns)} of {len(schema.columns)} columns used"


def split_rows(run: Run) -> str:
    """Step 4: divide the rows, and look for columns that leak the target."""
    paths, task, schema = run.paths, run.task, run.schema
    profile = run.read(Profile, paths.profile)

    def fill(folder: Path) -> None:
        rows = folder / paths.split_rows.name
        with open_database(run.limits) as connection:
            spec, summary = divide_as_asked(connection, paths.data, schema, profile, task, run.spec, rows)
            run.progress(0.5)
            given = spec.column if summary.given else None
            leaks = find_leaks(connection, paths.data, rows, schema, task, given=given)
            write_bytes(folder / paths.test_rows.name, _test_rows(connection, rows))
        write_json(folder / paths.split_spec.name, to_json(spec))
        write_json(folder / paths.split_summary.name, to_json(summary))
        write_json(folder / paths.leaks.name, to_json(leaks))

    publish_folder(paths.split, fill)
    rows = run.read(SplitSummary, paths.split_summary).rows
    counts = " / ".join(f"{rows.get(name, 0):,}" for name in ("train", "valid", "test"))
    what = "pictures" if schema.image is not None else "rows"
    return f"{run.read(SplitSpec, paths.split_spec).splitter}: {counts} {what} (training / validation / test)"


def choose_models(run: Run) -> str:
    """Step 5: fit the plan on training rows, write each view's features, list what is worth training."""
    paths, task, schema, seed = run.paths, run.task, run.schema, run.spec.seed
    asked = [family(name) for name in run.families() or ()] or CATALOGUE
    plan = run.usable_plan()
    views = views_read(asked, plan)
    rows = paths.features / "rows"
    split = run.read(SplitSpec, paths.split_spec)
    with open_database(run.limits) as connection:
        prepare_rows(
            connection, data=paths.data, split=paths.split_rows, schema=schema, task=task, folder=rows
        )
        # A validation set that somebody made is there to judge.
        is_judged = "valid" in run.read(SplitSummary, paths.split_summary).given
        folds = 0 if is_judged else count_folds(connection, rows, split, seconds=run.training_s, views=views)
        writer = FeatureWriter(
            connection=connection,
            data=paths.data,
            rows=rows,
            schema=schema,
            task=task,
            split=split,
            samples={
                view: Sample(seed=seed, most_rows=most_rows(asked, view, run.training_s)) for view in views
            },
            runner=_runner,
            threads=run.threads,
            progress=lambda share: run.progress(0.2 + 0.8 * share),
        )
        plan = writer.write(plan, paths.features, folds)
        write_json(paths.fitted_plan, to_json(plan))
    candidates, refusals = propose_candidates(
        task,
        {view: shape_of(paths.features / view, task, networks_in(run.weights)) for view in views},
        time_limit_s=run.training_s,
        trainings=folds + 1,
        families=run.families(),
        params=run.spec.params,
    )
    write_json(
        paths.candidates, {"folds": folds, "candidates": to_json(candidates), "refusals": to_json(refusals)}
    )
    judged = f", judged by {folds}-fold cross-validation" if folds else ""
    return f"{len(candidates)} models worth trying{judged}, {len(refusals)} families left out"


def train_models(run: Run) -> str:
    """Step 6: train within the time, keep every finished model, choose what to publish by validation score."""
    task = run.task
    workshop = Workshop(
        task=task,
        features=run.paths.features,
        models=run.paths.models,
        seed=run.spec.seed,
        threads=run.threads,
        clock=run.clock,
        folds=run.folds,
        weights=run.weights,
    )
    # A network that reads pictures fits its steps to the time it is given: kept back, that time would be lost.
    keeps_none = run.folds or (run.paths.features / "pixels").is_dir()
    share = 1.0 if keeps_none else FIRST_TRAINING_SHARE
    scheme = Bag(workshop) if run.folds else Holdout(workshop)
    records = _train(run, scheme, Budget(run.training_s * share, run.clock))
    # Before anything is trained again: afterwards no row is left that the models have not learned from.
    selection = settle_answer(select(records, task, run.paths.models), run.paths.models, task)
    if not run.folds:
        selection = refit(selection, records, workshop, Budget(run.training_s, run.clock), run.emit)
    spare = Budget(min(run.training_s, LEARNING_SHARE * run.spec.time_limit_s), run.clock)
    draw_learning_curve(selection, workshop, run.paths.learning_curve, spare, run.emit)
    write_json(run.paths.selection, to_json(selection))
    judges = f"in {run.folds}-fold cross-validation" if run.folds else "on validation rows"
    return f"{selection.reason} {task.metric} {selection.score:.5g} {judges}"


def evaluate_model(run: Run) -> str:
    """Step 7: ask the file that would be published about the untouched test rows, and draw advice."""
    paths, task, seed = run.paths, run.task, run.spec.seed
    selection = run.read(Selection, paths.selection)
    compared = yardsticks(run.records)
    judged = {"chosen": selection} | settle_each_alone(compared, paths.models, task)
    models = {name: serialise(fuse_selection(run, one)) for name, one in judged.items()}
    thresholds = {name: one.threshold for name, one in judged.items()}
    profile = run.read(Profile, paths.profile)
    with open_database(run.limits) as connection:
        rows = TestRows(
            connection=connection, data=paths.data, split=paths.split_rows, schema=run.schema, task=task
        )
        evaluation = examine(
            models, rows, profile, thresholds, selection.margins, seed=seed, threads=run.threads
        )
        evaluation = note_temperature(evaluation, selection.temperature)
        run.progress(0.6)
        importance = weigh_columns(
            models["chosen"],
            rows,
            Budget(run.importance_s, run.clock),
            threshold=selection.threshold,
            seed=seed,
            threads=run.threads,
        )
        pictures = examine_pictures(run, models["chosen"], rows)
    facts = Facts(
        imported=run.read(ImportSummary, paths.import_summary),
        schema=run.schema,
        profile=profile,
        task=task,
        plan=run.usable_plan(),
        split=run.read(SplitSpec, paths.split_spec),
        divided=run.read(SplitSummary, paths.split_summary),
        leaks=run.leaks,
        models=run.records,
        chosen=tuple(member.candidate for member in selection.members),
        baseline_score=compared["baseline"].score if "baseline" in compared else None,
        valid_score=selection.score,
        baseline_folds=compared["baseline"].fold_scores if "baseline" in compared else (),
        linear_family=compared["linear"].candidate.family if "linear" in compared else None,
        evaluation=evaluation,
        importance=importance,
        pictures=pictures,
        learning=run.learning,
        time_limit_s=run.spec.time_limit_s,
    )
    advice = advise(facts)
    write_json(
        paths.evaluation,
        {"evaluation": to_json(evaluation), "importance": to_json(importance), "advice": to_json(advice)},
    )
    score = evaluation.deciding
    return f"{score.title} {score.value:.5g} on {evaluation.rows:,} untouched rows; {len(advice)} findings"


def publish_model(run: Run) -> str:
    """Step 8: prove that the file answers as the trained models do, then write it and its report."""
    found = Findings.of(run)
    model, parity = publish_proven(run, found, fuse_selection(run, found.selection))
    write_json(run.paths.card, to_json(model_card(found, parity)))
    report = build_report(found, parity, model, elapsed_s=run.clock(), steps=run.step_seconds())
    write_bytes(run.paths.report_page, render_report(report).encode())
    write_json(run.paths.report, to_json(report))
    return f"{run.paths.model.name}, {model.size_bytes / 1e6:,.1f} MB, equal on {parity.rows:,} rows"


#: Step name → its work, which returns a short summary; `engine.steps` says what each reads and leaves.
WORK: Mapping[str, Callable[[Run], str]] = {
    "upload": upload,
    "import": import_data,
    "features": plan_features,
    "split": split_rows,
    "models": choose_models,
    "training": train_models,
    "evaluation": evaluate_model,
    "publish": publish_model,
}


def fuse_selection(run: Run, selection: Selection) -> onnx.ModelProto:
    """Return one model from raw columns to the answer, made of finished models."""
    by_id = {record.candidate.id: record.candidate for record in run.records}
    plan = run.read(FeaturePlan, run.paths.fitted_plan)
    views = plan.filled_views
    joined = []
    for member in selection.members:
        files = bodies(run.paths.models / member.candidate)
        view = family(by_id[member.candidate].family).view_among(views)
        joined += [
            Member(body=onnx.load(file), view=view or "", weight=member.weight / len(files)) for file in files
        ]
    threshold = selection.threshold.value if selection.threshold else None
    return fuse(
        joined, plan, run.schema, run.task, threshold, selection.margins, temperature=selection.temperature
    )


def _train(run: Run, scheme: Scheme, budget: Budget) -> tuple[ModelRecord, ...]:
    """Train the candidates, and where a search was asked for, go on with its trials while time is left."""
    if run.spec.search is None:
        return train(run.candidates, scheme, budget, run.emit)
    views = [view for view in VIEWS if (run.paths.features / view).is_dir()]
    weights = networks_in(run.weights)
    shapes = {view: shape_of(run.paths.features / view, run.task, weights) for view in views}
    names = run.spec.search.families or [candidate.family for candidate in run.candidates]
    fixed = fixed_ranges(run.spec.params, names)
    search = dataclasses.replace(run.spec.search, ranges={**fixed, **run.spec.search.ranges})
    return train_searching(search, run.candidates, shapes, scheme, budget, run.emit, run.paths.search)


def _runner(graph: onnx.ModelProto) -> Callable[[Mapping[str, npt.NDArray[Any]]], npt.NDArray[Any]]:
    session = Session(graph.SerializeToString())
    return lambda feeds: session.run(feeds)[0]


def _test_rows(connection: duckdb.DuckDBPyConnection, split: Path) -> bytes:
    query = f"SELECT _row FROM {parquet(split)} WHERE _set = 'test' ORDER BY _row"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row"])
    writer.writerows(connection.execute(query).fetchall())
    return text.getvalue().encode()


def _refuse_unknown_columns(spec: RunSpec, schema: Schema) -> None:
    asked = {"--keep": spec.keep, "--drop": spec.drop}
    unknown = [
        f"{name!r} ({option})"
        for option, names in asked.items()
        for name in names
        if name not in schema.names
    ]
    if spec.target in spec.drop:
        unknown.append(f"{spec.target!r} (--drop): it is the target")
    if unknown:
        raise BadCommand(
            f"Some columns asked for cannot be used: {', '.join(unknown)}. "
            f"Expected: names among {', '.join(schema.names[:20])}.",
            remedy="Correct the names.",
        )


def _refuse_changed_data(run: Run) -> None:
    """A run continues only on the bytes it started with (RELIABILITY F36)."""
    if not run.paths.source.exists():
        return
    if has_changed(Path(run.spec.data), run.read(Fingerprint, run.paths.source)):
        raise BadCommand(
            f"The file {run.spec.data!r} has changed since this run began.",
            remedy="Start a new run in another folder, or bring the old file back.",
        )
