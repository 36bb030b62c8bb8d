"""Labels are changed beside the set, never in it; every change counts once, and becomes a version when asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.jobs.context import Job
from app.jobs.kinds import resolve
from app.usecases.datasets import delete_dataset, get_dataset
from app.usecases.labels import MOST_ROWS, change_labels, changes_of, make_version, undo_change
from app.usecases.pictures import pictures
from app.usecases.refusals import Conflict, NotFound, Refusal
from app.wiring import Appliance
from engine.specs.pictures import LabelEdit
from store import audit, datasets, edits, jobs
from tests.app.usecases.walking import ADA, BOB, together
from tests.pictured import put_pictures
from tests.runs import SETTINGS

pytestmark = pytest.mark.slow


@pytest.fixture
def digits(box: Appliance, dataset_id: str) -> str:
    return put_pictures(box, ADA, count=30)


def label(*rows: int, name: str = "x") -> LabelEdit:
    return LabelEdit(action="label", rows=rows, label=name)


def work_out(box: Appliance, job_id: str) -> dict[str, object]:
    """Do a job here and now; return what it made."""
    job = jobs.get(box.db, job_id)
    assert job is not None
    folder = box.folder.job(job.id)
    folder.mkdir(exist_ok=True)
    done: dict[str, object] = resolve("app.jobs.handlers.relabel_dataset:relabel_dataset")(
        Job(
            id=job.id, kind=job.kind, subject=job.subject, attempt=1, arguments=job.arguments, folder=folder,
            data=box.folder, settings=SETTINGS, emit=lambda event: None,
        )
    )  # fmt: skip
    with box.db.write() as tx:
        datasets.set_ready(tx, job.subject.partition(":")[2], **done)  # type: ignore[arg-type]
        jobs.update(tx, job.id, state="succeeded")
    return done


def test_changes_are_told_and_taken_back(box: Appliance, digits: str) -> None:
    change_labels(box, ADA, digits, label(0, 1))
    change_labels(box, BOB, digits, LabelEdit(action="exclude", rows=(2,)))
    changed = changes_of(box, ADA, digits)
    assert (len(changed.edits), changed.pictures, changed.excluded, changed.is_made) == (2, 3, 1, False)

    assert undo_change(box, ADA, digits)
    assert changes_of(box, ADA, digits).excluded == 0
    assert undo_change(box, ADA, digits)
    assert not undo_change(box, ADA, digits)
    assert changes_of(box, ADA, digits).pictures == 0


def test_the_imported_set_stays_as_it_is(box: Appliance, digits: str) -> None:
    folder = box.folder.dataset(digits)
    before = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}

    change_labels(box, ADA, digits, label(0))

    assert {path: path.read_bytes() for path in before} == before
    (line,) = edits.read(folder / "labels.jsonl")
    assert line["who"] == "ada" and line["edit"]["rows"] == [0]


def test_a_change_counts_once_however_often_it_is_sent(box: Appliance, digits: str) -> None:
    assert change_labels(box, ADA, digits, label(0), token="page-1")
    assert not change_labels(box, ADA, digits, label(0), token="page-1")
    assert undo_change(box, ADA, digits, token="page-2")
    change_labels(box, ADA, digits, label(0), token="page-3")

    assert not undo_change(box, ADA, digits, token="page-2")
    assert len(changes_of(box, ADA, digits).edits) == 1


def test_many_hands_lose_no_change(box: Appliance, digits: str) -> None:
    hands = [lambda row=row: change_labels(box, ADA, digits, label(row, name=f"c{row}")) for row in range(12)]

    assert together(*hands) == [None] * 12
    assert len(changes_of(box, ADA, digits).edits) == 12


def test_classes_keep_their_places(box: Appliance, digits: str) -> None:
    change_labels(box, ADA, digits, label(9, name="zebra"))
    change_labels(box, ADA, digits, label(8, name="ant"))
    change_labels(box, ADA, digits, LabelEdit(action="rename", old="3", label="0"))

    assert changes_of(box, ADA, digits).classes == (
        "0",
        "1",
        "2",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "zebra",
        "ant",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        label(),
        label(30),
        label(-1),
        label(*range(MOST_ROWS + 1)),
        label(True),  # type: ignore[arg-type]
        label(0, name="x" * 121),
        label(0, name="a\x00b"),
        LabelEdit(action="rename", old="3", label="  "),
        LabelEdit(action="rename", label="x"),
        LabelEdit(action="exclude"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_not_noted(box: Appliance, digits: str, wrong: LabelEdit) -> None:
    with pytest.raises(Refusal):
        change_labels(box, ADA, digits, wrong)

    assert not changes_of(box, ADA, digits).edits


def test_a_table_has_no_labels_to_change(box: Appliance, dataset_id: str) -> None:
    for verb in (
        lambda: change_labels(box, ADA, dataset_id, label(0)),
        lambda: changes_of(box, ADA, dataset_id),
    ):
        with pytest.raises(NotFound):
            verb()


def test_a_version_is_a_dataset_of_its_own(box: Appliance, digits: str) -> None:
    change_labels(box, ADA, digits, label(0, name="zero"))
    change_labels(box, ADA, digits, LabelEdit(action="exclude", rows=(1,)))
    made = make_version(box, BOB, digits, name="Digits 2")
    change_labels(box, ADA, digits, label(5, name="after"))
    delete_dataset(box, ADA, digits)

    assert made.job_id is not None
    done = work_out(box, made.job_id)

    view = get_dataset(box, BOB, made.id)
    assert view.record.rows == done["rows"] == 29
    assert view.pictures is not None and dict(view.pictures.classes)["zero"] == 1
    assert "after" not in dict(view.pictures.classes)
    assert view.origin is not None and (view.origin.dataset_name, view.origin.changes) == ("Digits", 2)
    assert view.profile is not None and view.imported is not None and view.imported.rows_imported == 29
    assert pictures(box, BOB, made.id, limit=5).items[1].name == "2/0002.png"
    folder = box.folder.dataset(made.id)
    assert not (folder / "base").exists()
    assert [path.name for path in (folder / "source").iterdir()] == ["digits.parquet"]


def test_the_work_on_a_version_may_be_done_again(box: Appliance, digits: str) -> None:
    change_labels(box, ADA, digits, label(0, name="zero"))
    made = make_version(box, ADA, digits, name="Digits 2")
    assert made.job_id is not None
    first = work_out(box, made.job_id)

    assert work_out(box, made.job_id) == first


def test_what_is_in_a_version_is_told(box: Appliance, digits: str) -> None:
    change_labels(box, ADA, digits, label(0))
    made = make_version(box, ADA, digits, name="Digits 2")
    changed = changes_of(box, ADA, digits)
    assert changed.is_made and changed.versions == (made.id,)

    change_labels(box, ADA, digits, label(1))
    assert not changes_of(box, ADA, digits).is_made
    assert "relabel_dataset" in {entry.action for entry in audit.recent(box.db)}


def test_nothing_changed_is_no_version(box: Appliance, digits: str) -> None:
    with pytest.raises(Conflict, match="Nothing"):
        make_version(box, ADA, digits, name="Same")
    change_labels(box, ADA, digits, label(0))
    with pytest.raises(Refusal):
        make_version(box, ADA, digits, name="")

    assert _folders(box) == {record.id for record in datasets.list(box.db)}


def _folders(box: Appliance) -> set[str]:
    return {path.name for path in Path(box.folder.datasets).iterdir()}
