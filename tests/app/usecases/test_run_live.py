"""A run as it is right now: from its events and its newest job, within bounds however long it goes on."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.jobs.failures import STILL
from app.language import translator
from app.usecases import runs
from app.usecases.run_access import newest_job
from app.usecases.run_files import RunFiles
from app.usecases.run_live import look
from app.usecases.run_progress import MOST_POINTS
from app.wiring import Appliance
from engine.files import write_json
from engine.specs.codec import to_json
from engine.specs.training import Candidate, ModelRecord, SelectedModel, Selection
from store.jobs import JobRecord
from store.run_records import RunRecord
from store.runs import RunFolder, read_spec
from tests.app.usecases.walking import ADA

pytestmark = pytest.mark.slow


NOW = datetime.now(UTC)


@pytest.fixture
def files(box: Appliance, prepared: RunRecord) -> RunFiles:
    """The folder of a run that is about to train two models."""
    found = RunFiles(box.folder.run(prepared.id))
    candidates = [
        Candidate(id="linear", family="linear"),
        Candidate(id="lightgbm-deep", family="lightgbm", params={"rounds": 1000}),
    ]
    write_json(found.paths.candidates, {"candidates": to_json(candidates), "refusals": []})
    return found


@pytest.fixture
def job(box: Appliance, prepared: RunRecord) -> JobRecord:
    found = newest_job(box, prepared.id)
    assert found is not None
    return dataclasses.replace(found, kind="train_run", state="running")


def tell(files: RunFiles, *events: dict[str, Any], elapsed_s: float = 20.0) -> None:
    with RunFolder(files.folder, read_spec(files.folder)) as folder:
        for event in events:
            folder.append(event, elapsed_s=elapsed_s)


def model(name: str, candidate: str, **facts: Any) -> dict[str, Any]:
    return {"event": name, "candidate": candidate, "family": candidate.split("-")[0], **facts}


def training(files: RunFiles) -> None:
    tell(
        files,
        {"event": "step_started", "step": "training", "title": "Training"},
        model("model_started", "linear"),
        model("model_finished", "linear", score=0.8, train=0.9, seconds=1.0, stopped="converged"),
        model("model_failed", "svm", reason="Too many rows."),
        model("model_started", "lightgbm-deep"),
        *(
            model("model_progress", "lightgbm-deep", share=i / 2000, train=1 / (i + 1), valid=None)
            for i in range(1000)
        ),
    )


def test_a_training_run_shows_what_is_known_now(files: RunFiles, job: JobRecord) -> None:
    training(files)
    view = look(files, job, datetime.now(UTC))
    assert (view.state, view.step, view.metric) == ("running", "training", "roc_auc")
    assert view.note == "Training Gradient-boosted trees (LightGBM) · larger trees"
    assert translator("zh_CN").tell(view.note).endswith("（LightGBM） · 更大的树")
    (curve,) = view.curves
    assert (curve.candidate, curve.x_title, curve.metric) == ("lightgbm-deep", "trees", "Log loss")
    assert len(curve.x) == len(curve.train) == len(curve.valid) <= MOST_POINTS
    assert curve.x[-1] == 499.5 and set(curve.valid) == {None}
    assert [(row.id, row.score, row.refused) for row in view.leaderboard] == [
        ("linear", 0.8, None),
        ("svm", None, "Too many rows."),
    ]
    assert view.seconds_left is not None and 35 < view.seconds_left <= 40
    assert 0.1 < view.share < 1.0


def test_a_run_that_may_hang_says_so(files: RunFiles, job: JobRecord) -> None:
    training(files)
    assert look(files, dataclasses.replace(job, note=str(STILL)), datetime.now(UTC)).note == STILL


def test_the_time_left_runs_between_events_and_stands_still_without_a_job(
    files: RunFiles, job: JobRecord
) -> None:
    training(files)
    now = datetime.now(UTC)
    later = [look(files, job, now + timedelta(seconds=after)).seconds_left for after in (0, 10, 1000)]
    assert later[0] is not None and later[1] is not None
    assert abs(later[0] - later[1] - 10) < 0.01 and later[2] == 0.0
    ended = look(files, dataclasses.replace(job, state="lost"), now)
    assert (ended.seconds_left, ended.step, ended.note) == (None, "", "")


def test_smaller_is_better_where_the_metric_says_so(files: RunFiles, job: JobRecord) -> None:
    spec = json.loads((files.folder / "run.json").read_text()) | {"metric": "log_loss"}
    write_json(files.folder / "run.json", spec)
    tell(
        files,
        *(model("model_finished", name, score=s, seconds=1) for name, s in (("linear", 0.5), ("svm", 0.2))),
    )
    assert [row.id for row in look(files, job, NOW).leaderboard] == ["svm", "linear"]


def test_the_chosen_ones_are_marked_with_their_share(files: RunFiles, job: JobRecord) -> None:
    training(files)
    chosen = Selection(members=(SelectedModel(candidate="linear", weight=2.0),), score=0.8)
    write_json(files.paths.selection, to_json(chosen))
    rows = {row.id: row for row in look(files, job, NOW).leaderboard}
    assert (rows["linear"].is_chosen, rows["linear"].weight) == (True, 1.0) and not rows["svm"].is_chosen


def test_the_share_never_falls_while_a_job_goes_on(files: RunFiles, job: JobRecord) -> None:
    shares = [look(files, job, NOW).share]
    for event in (
        {"event": "step_started", "step": "models"},
        {"event": "step_progress", "share": 0.5},
        {"event": "step_finished", "step": "models", "summary": "", "seconds": 1.0},
        {"event": "step_started", "step": "training"},
        model("model_started", "linear"),
        model("model_finished", "linear", score=0.8, seconds=1.0),
        model("model_started", "lightgbm-deep"),
        model("model_progress", "lightgbm-deep", share=0.5, train=1.0, valid=1.0),
        {"event": "step_finished", "step": "training", "summary": "", "seconds": 1.0},
        {"event": "step_started", "step": "evaluation"},
        {"event": "step_finished", "step": "evaluation", "summary": "", "seconds": 1.0},
    ):
        tell(files, event)
        shares.append(look(files, job, NOW).share)
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert look(files, dataclasses.replace(job, state="succeeded"), NOW).share == 1.0


def test_viewers_share_a_look_until_something_changes(box: Appliance, prepared: RunRecord) -> None:
    first = runs.live(box, ADA, prepared.id)
    assert runs.live(box, ADA, prepared.id) is first
    assert (first.state, first.share, first.step) == ("succeeded", 1.0, "")
    runs.start_training(box, ADA, prepared.id)
    assert runs.live(box, ADA, prepared.id).state == "queued"


def test_a_finished_models_curve_comes_whole_from_its_record(files: RunFiles, job: JobRecord) -> None:
    training(files)
    tell(files, model("model_finished", "lightgbm-deep", score=0.9, seconds=2.0))
    points = tuple((float(i), 1.0 / i, 2.0 / i) for i in range(1, 501))
    candidate = Candidate(id="lightgbm-deep", family="lightgbm", params={"rounds": 1000})
    record = ModelRecord(
        candidate=candidate,
        score=0.9,
        train_score=None,
        metrics={},
        seconds=2.0,
        rows=1,
        features=1,
        curve=points,
    )
    files.paths.record("lightgbm-deep").parent.mkdir(parents=True)
    write_json(files.paths.record("lightgbm-deep"), to_json(record))
    (curve,) = look(files, job, NOW).curves
    assert (curve.x[0], curve.x[-1], curve.valid[-1]) == (1.0, 500.0, 2.0 / 500)
