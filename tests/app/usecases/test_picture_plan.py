"""How a run's pictures reach its models: seen at a size, varied while training, shown to people."""

from __future__ import annotations

import pytest

from app.usecases.datasets import get_dataset, suggest_targets, target_names
from app.usecases.picture_plan import (
    PREVIEW,
    ask_preview,
    change_side,
    picture_plan,
    preview_of,
    preview_picture,
)
from app.usecases.refusals import Conflict, NotFound, Refusal
from app.usecases.run_views import choices
from app.usecases.runs import create_run, get_run
from app.wiring import Appliance
from engine.modalities.image.thumbnails import pack
from store import jobs
from store.run_records import RunRecord
from tests.app.usecases.walking import ADA, work_through
from tests.pictured import put_pictures

pytestmark = pytest.mark.slow


@pytest.fixture
def run(box: Appliance, prepared: RunRecord) -> RunRecord:
    """A run on pictures whose features and split wait for a person."""
    made = create_run(box, ADA, put_pictures(box, ADA, count=120), target="label", time_limit_s=300)
    work_through(box, made.id)
    return get_run(box, ADA, made.id).record


def test_the_label_is_what_is_asked_for_first(box: Appliance) -> None:
    digits = put_pictures(box, ADA, count=60)

    assert suggest_targets(box, ADA, digits)[0].column == "label"
    assert target_names(get_dataset(box, ADA, digits)) == ("label",)


def test_a_run_on_pictures_says_so(box: Appliance, run: RunRecord, prepared: RunRecord) -> None:
    assert get_run(box, ADA, run.id).has_pictures
    assert not get_run(box, ADA, prepared.id).has_pictures
    assert picture_plan(box, ADA, prepared.id) is None


def test_only_families_that_read_pictures_are_offered(
    box: Appliance, run: RunRecord, prepared: RunRecord
) -> None:
    of_pictures = {family.name for family in choices(box, ADA, run.id).families}
    of_tables = {family.name for family in choices(box, ADA, prepared.id).families}

    assert "small_cnn" in of_pictures and "lightgbm" not in of_pictures
    assert "lightgbm" in of_tables and "small_cnn" not in of_tables
    assert of_pictures & of_tables == {"baseline"}


def test_the_size_is_proposed_and_changed(box: Appliance, run: RunRecord) -> None:
    plan = picture_plan(box, ADA, run.id)
    assert plan is not None and (plan.side, plan.column) == (32, "image")
    assert "32 × 32" in plan.reason and plan.varied

    changed = change_side(box, ADA, run.id, revision=run.revision, side=48)

    again = picture_plan(box, ADA, run.id)
    assert again is None, "the steps from the features on are open again"
    assert changed.revision == run.revision + 1
    spec = get_run(box, ADA, run.id).spec
    assert spec.plan is not None and spec.plan.views["pixels"][0].steps[-1].params == {"side": 48}


def test_a_size_that_is_not_offered_is_refused(box: Appliance, run: RunRecord, prepared: RunRecord) -> None:
    with pytest.raises(Refusal):
        change_side(box, ADA, run.id, revision=run.revision, side=33)
    with pytest.raises(Refusal):
        change_side(box, ADA, prepared.id, revision=prepared.revision, side=32)


def test_a_preview_is_asked_for_once(box: Appliance, run: RunRecord) -> None:
    assert preview_of(box, ADA, run.id) is None

    job = ask_preview(box, ADA, run.id)

    assert ask_preview(box, ADA, run.id).id == job.id
    found = preview_of(box, ADA, run.id)
    assert found is not None and found.arguments == {"run_id": run.id, "side": 32}


def test_pictures_of_a_preview_are_there_when_it_is_done(box: Appliance, run: RunRecord) -> None:
    job = ask_preview(box, ADA, run.id)
    with pytest.raises(NotFound):
        preview_picture(box, ADA, job.id, 0)
    results = box.folder.job(job.id) / "results"
    results.mkdir(parents=True)
    pack(results / PREVIEW, [b"one", b"two"])
    with box.db.write() as tx:
        jobs.update(tx, job.id, state="succeeded", result={"pictures": 2, "times": 1})

    assert preview_picture(box, ADA, job.id, 1) == b"two"
    for number in (-1, 2):
        with pytest.raises(NotFound):
            preview_picture(box, ADA, job.id, number)


def test_no_other_job_gives_pictures(box: Appliance, run: RunRecord, prepared: RunRecord) -> None:
    other = jobs.list(box.db, subject=f"run:{run.id}")[0]

    with pytest.raises(NotFound):
        preview_picture(box, ADA, other.id, 0)
    with pytest.raises(Conflict):
        ask_preview(box, ADA, prepared.id)
