"""The walk as a person does it: begin, look, change, train, publish, delete; and what it refuses on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import onnxruntime
import pytest

from app.usecases import models, runs
from app.usecases.jobs import retry_job
from app.usecases.refusals import Conflict, Forbidden, NotFound, Refusal
from app.wiring import Appliance
from engine.steps import STEPS
from store import datasets, jobs
from store.run_records import RunRecord
from store.runs import read_events
from store.table import now
from tests.app.usecases.walking import ADA, BOB, FILE_NAME, work, work_through

pytestmark = pytest.mark.slow


QUICK = ["decision_tree"]


@pytest.fixture
def run(box: Appliance, dataset_id: str) -> RunRecord:
    """A run that was begun; nothing has been done for it yet."""
    return runs.create_run(box, BOB, dataset_id, target="finding", time_limit_s=60)


def states(box: Appliance, run_id: str) -> list[str]:
    return [step.state for step in runs.get_run(box, ADA, run_id).steps]


@pytest.mark.slow
def test_a_new_run_stands_on_its_own_names_for_the_datasets_files(
    box: Appliance, dataset_id: str, run: RunRecord
) -> None:
    place, dataset = box.folder.run(run.id), box.folder.dataset(dataset_id)
    for file in ("source/" + FILE_NAME, "dataset/data.parquet", "dataset/schema.json"):
        assert (place / file).samefile(dataset / file), file
    assert json.loads((place / "run.json").read_text())["data"] == f"source/{FILE_NAME}"
    assert place.stat().st_mode & 0o777 == 0o700
    (job,) = jobs.active(box.db, f"run:{run.id}")
    assert (job.kind, job.created_by) == ("prepare_run", BOB.id)
    assert run.name == "finding · Tumours"
    assert states(box, run.id) == ["running", *["waiting"] * 7]


@pytest.mark.slow
def test_a_deleted_dataset_harms_no_run(box: Appliance, dataset_id: str, run: RunRecord) -> None:
    with box.db.write() as tx:
        datasets.mark_deleted(tx, dataset_id, now())
    shutil.rmtree(box.folder.dataset(dataset_id))
    work_through(box, run.id)
    assert states(box, run.id) == [*["done"] * 4, "open", *["waiting"] * 3]
    with pytest.raises(NotFound):
        runs.create_run(box, BOB, dataset_id, target="finding")


def test_nothing_is_changed_while_a_job_works(box: Appliance, prepared: RunRecord) -> None:
    job = runs.start_training(box, ADA, prepared.id)
    assert runs.start_training(box, BOB, prepared.id).id == job.id
    assert runs.prepare(box, ADA, prepared.id).state == "succeeded"
    for refused in (
        lambda: runs.change_run(box, ADA, prepared.id, revision=1, seed=3),
        lambda: runs.delete_run(box, ADA, prepared.id),
    ):
        with pytest.raises(Conflict, match="A job is working"):
            refused()


def test_names_are_checked_and_shown_as_they_are(box: Appliance, prepared: RunRecord) -> None:
    assert runs.rename_run(box, ADA, prepared.id, "<b>Bold</b> ../x").name == "<b>Bold</b> ../x"
    for bad in ("", "a\x00b", "x" * 10_000):
        with pytest.raises(Refusal):
            runs.rename_run(box, ADA, prepared.id, bad)
    assert runs.list_runs(box, ADA, search="bold").total == 1


def test_only_its_owner_or_an_admin_deletes_a_run(box: Appliance, dataset_id: str) -> None:
    hers = runs.create_run(box, ADA, dataset_id, target="finding")
    job = runs.prepare(box, ADA, hers.id)
    box.jobs.cancel(job.id)
    with pytest.raises(Forbidden):
        runs.delete_run(box, BOB, hers.id)
    assert jobs.events(box.db, job.id)
    runs.delete_run(box, ADA, hers.id)
    assert jobs.get(box.db, job.id) is not None and jobs.events(box.db, job.id) == ()
    with pytest.raises(NotFound):
        runs.get_run(box, ADA, hers.id)
    assert hers.id not in {path.name for path in box.folder.runs.iterdir()}
    assert not list(box.folder.runs.glob(".tmp-*"))


@pytest.mark.parametrize("target", ["", "nothing", "../finding", "x" * 10_000])
def test_a_target_that_is_no_column_is_refused(box: Appliance, dataset_id: str, target: str) -> None:
    with pytest.raises(Refusal, match="'target'"):
        runs.create_run(box, ADA, dataset_id, target=target)
    assert len(list(box.folder.runs.iterdir())) == 1


@pytest.mark.slow
def test_a_run_ends_as_a_model_that_answers(box: Appliance, prepared: RunRecord) -> None:
    with pytest.raises(Conflict, match="not evaluated"):
        runs.publish(box, ADA, prepared.id, name="tumours")
    runs.change_run(box, ADA, prepared.id, revision=1, families=QUICK)
    work(box, runs.start_training(box, ADA, prepared.id))
    draft = runs.report(box, ADA, prepared.id)
    assert draft is not None and draft.evaluation is not None and draft.model is None
    record = runs.get_run(box, ADA, prepared.id).record
    assert record.score == draft.evaluation.deciding.value and record.step == "evaluation"
    done = runs.start_training(box, ADA, prepared.id)
    assert done.state == "succeeded", "training that is whole was submitted again"
    for _ in range(2):
        work(box, runs.publish(box, ADA, prepared.id, name="tumours"))
    assert states(box, prepared.id) == ["done"] * len(STEPS)
    view = models.get_model(box, BOB, "tumours")
    assert [version.version for version in view.versions] == [1]
    session = onnxruntime.InferenceSession(str(models.model_file(box, BOB, "tumours", 1)))
    assert {node.name for node in session.get_inputs()} == set(view.about.schema.names)
    assert view.card.dataset.name == FILE_NAME
    runs.delete_run(box, ADA, prepared.id)
    assert models.get_model(box, BOB, "tumours").about == view.about


@pytest.mark.slow
def test_looking_at_runs_and_models_loads_nothing_heavy(repository: Path) -> None:
    heavy = ("tensorflow", "keras", "sklearn", "lightgbm", "scipy", "matplotlib", "onnxruntime", "pyarrow")
    program = (
        "import sys, app.usecases.runs, app.usecases.models\n"
        f"print(*(name for name in {heavy} if name in sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout.split()) == (0, []), result.stderr


@pytest.mark.slow
def test_a_killed_training_goes_on_where_it_was(box: Appliance, prepared: RunRecord) -> None:
    """kill -9 of the worker: no finished model is trained again, no curve is lost, the time goes on."""
    families = ["decision_tree", "nearest_neighbours", "random_forest", "extra_trees"]
    runs.change_run(box, ADA, prepared.id, revision=1, families=families)
    job = runs.start_training(box, ADA, prepared.id)
    tick_until(box, prepared.id, lambda view: len(finished(view)) >= 2)
    before = runs.live(box, ADA, prepared.id)
    (started,) = jobs.events(box.db, job.id, kinds=["worker_started"])
    os.kill(started.event["pid"], signal.SIGKILL)
    tick_until(box, prepared.id, lambda view: view.state not in ("queued", "running"))
    lost = runs.live(box, ADA, prepared.id)
    assert lost.state == "lost" and lost.message and lost.remedy
    assert {row.id for row in before.leaderboard} <= {row.id for row in lost.leaderboard}
    with pytest.raises(Conflict, match="not evaluated"):
        runs.publish(box, ADA, prepared.id, name="tumours")
    assert runs.get_run(box, ADA, prepared.id).steps[5].state == "failed"
    retry_job(box, ADA, job.id)
    tick_until(box, prepared.id, lambda view: view.state not in ("queued", "running"))
    after = runs.live(box, ADA, prepared.id)
    assert after.state == "succeeded", after.message
    known = finished(before)
    assert known.items() <= {row.id: row.score for row in after.leaderboard}.items()
    events = read_events(box.folder.run(prepared.id))
    kept = {event["candidate"] for event in events if event["event"] == "model_kept"}
    assert kept >= set(known)
    forgotten = [event["event"] for event in events].index("steps_forgotten")
    elapsed = [event["elapsed_s"] for event in events[forgotten:]]
    assert elapsed == sorted(elapsed), "the clock went back over a kill"
    curves = {curve.candidate: len(curve.x) for curve in before.curves if curve.candidate in known}
    assert all(len(c.x) == curves[c.candidate] for c in after.curves if c.candidate in curves)


def finished(view: runs.LiveView) -> dict[str, float]:
    """Return the scores of the models that wait for no fold more."""
    ended = [row for row in view.leaderboard if row.stopped != "waiting"]
    return {row.id: row.score for row in ended if row.score is not None}


def tick_until(box: Appliance, run_id: str, is_so: Callable[[runs.LiveView], bool]) -> None:
    """Let the supervisor work until the run looks as it should."""
    deadline = time.monotonic() + 240
    while not is_so(runs.live(box, ADA, run_id)):
        assert time.monotonic() < deadline, runs.live(box, ADA, run_id)
        box.jobs.tick()
        time.sleep(0.1)
