"""A model of a set's own line is offered, asked once, and told about; one that does not fit is told with the reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.usecases.datasets import delete_dataset
from app.usecases.jobs import cancel_job
from app.usecases.labels import change_labels, make_version
from app.usecases.pictures import Wanted, pictures
from app.usecases.refusals import Conflict, NotFound
from app.usecases.suggestions import ask_suggestions, label_models, suggested_labels, suggestions_at
from app.wiring import Appliance
from engine.specs.pictures import LabelEdit
from engine.specs.schema import Column, Schema
from store import audit, jobs, models
from store.table import now
from tests.app.usecases.walking import ADA, BOB
from tests.engine.published_pictures import picture_task
from tests.suggested import COLUMNS, publish_for, put_colours

pytestmark = pytest.mark.slow


@pytest.fixture
def colours(box: Appliance) -> str:
    return put_colours(box, ADA)


def test_models_of_the_whole_line_are_offered_newest_first(
    box: Appliance, colours: str, picture_model_bytes: bytes
) -> None:
    assert label_models(box, ADA, colours) == ()
    publish_for(box, ADA, put_colours(box, ADA), picture_model_bytes, name="stranger")
    publish_for(box, ADA, colours, picture_model_bytes)
    change_labels(box, ADA, colours, LabelEdit(action="exclude", rows=(0,)))
    made = make_version(box, ADA, colours, name="Colours 2").id
    later = publish_for(box, BOB, made, picture_model_bytes, name="later")

    found = label_models(box, BOB, colours)

    assert [(one.name, one.version, one.misfit) for one in found] == [("later", 1, ""), ("colours", 1, "")]
    with box.db.write() as tx:
        models.withdraw(tx, later.model_id, 1, now())
    assert [one.name for one in label_models(box, ADA, colours)] == ["colours"]


def test_a_model_that_does_not_fit_says_why(box: Appliance, colours: str, picture_model_bytes: bytes) -> None:
    table = Schema(columns=(*COLUMNS.without("label", "path").columns, Column(
        name="age", source_name="age", physical="int64", semantic="number")))  # fmt: skip
    for name, asked in {
        "number": {"task": picture_task(())},
        "mixed": {"reads": table},
        "photos": {"reads": Schema(columns=(replace(COLUMNS.columns[0], name="photo"),))},
        "shapes": {"task": replace(picture_task(), target="shape")},
        "animals": {"task": picture_task(("cat", "dog", "green"))},
    }.items():
        publish_for(box, ADA, colours, picture_model_bytes, name=name, **asked)  # type: ignore[arg-type]

    why = {one.name: one.misfit for one in label_models(box, ADA, colours)}

    assert "a number" in why["number"]
    assert "'image', 'age'" in why["mixed"] and "'photo'" in why["photos"]
    assert "'shape'" in why["shapes"]
    assert "other classes: cat, dog, green" in why["animals"]
    with pytest.raises(Conflict, match="other classes"):
        ask_suggestions(box, ADA, colours, model="animals", version=1)
    assert suggested_labels(box, ADA, colours).job is None


def test_a_renamed_class_is_the_models_own(box: Appliance, colours: str, picture_model_bytes: bytes) -> None:
    publish_for(box, ADA, colours, picture_model_bytes)
    for old in ("green", "blue", "red 红"):
        change_labels(box, ADA, colours, LabelEdit(action="rename", old=old, label=f"{old} 2"))

    assert [one.misfit for one in label_models(box, ADA, colours)] == [""]


def test_asking_twice_is_one_job_that_can_be_called_off(
    box: Appliance, colours: str, picture_model_bytes: bytes
) -> None:
    publish_for(box, ADA, colours, picture_model_bytes)

    first = ask_suggestions(box, BOB, colours, model="colours", version=1)

    assert ask_suggestions(box, ADA, colours, model="colours", version=1).id == first.id
    assert suggested_labels(box, ADA, colours).job == first
    assert ("bob", "suggest_labels") in {(entry.who, entry.action) for entry in audit.recent(box.db)}
    assert cancel_job(box, ADA, first.id).state == "cancelled"
    assert ask_suggestions(box, ADA, colours, model="colours", version=1).id != first.id


def test_before_anybody_asked_nothing_is_suggested(box: Appliance, dataset_id: str, colours: str) -> None:
    told = suggested_labels(box, ADA, colours)
    assert (told.by, told.doubted, told.job) == (None, 0, None)
    assert suggestions_at(box, ADA, colours, [0]) == {}
    rows = [one.row for one in pictures(box, ADA, colours, Wanted(order="uncertain"), limit=60).items]
    assert rows == list(range(24))
    with pytest.raises(NotFound):
        ask_suggestions(box, ADA, colours, model="colours", version=1)
    with pytest.raises(NotFound):
        label_models(box, ADA, dataset_id)


def test_work_on_a_set_that_is_deleted_ends(box: Appliance, colours: str, picture_model_bytes: bytes) -> None:
    publish_for(box, ADA, colours, picture_model_bytes)
    job = ask_suggestions(box, ADA, colours, model="colours", version=1)

    delete_dataset(box, ADA, colours)

    ended = jobs.get(box.db, job.id)
    assert ended is not None and ended.state == "cancelled"
