"""Pictures as people look at them: found, filtered, ordered; and only the small ones an import has made."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from app.usecases import pictures
from app.usecases.labels import change_labels
from app.usecases.refusals import NotFound, Refusal
from app.wiring import Appliance
from engine.specs.pictures import LabelEdit
from store.identifiers import new_id
from tests.app.usecases.walking import ADA
from tests.pictured import TWINS, put_pictures

pytestmark = pytest.mark.slow


@pytest.fixture
def digits(box: Appliance, dataset_id: str) -> str:
    return put_pictures(box, ADA, count=30)


def test_a_set_is_told_from_a_table(box: Appliance, digits: str, dataset_id: str) -> None:
    facts = pictures.facts_of(box, ADA, digits)

    assert facts is not None and facts.pictures == 30
    assert pictures.facts_of(box, ADA, dataset_id) is None
    with pytest.raises(NotFound, match="no pictures"):
        pictures.pictures(box, ADA, dataset_id)


def test_a_page_shows_pictures_with_their_labels_of_now(box: Appliance, digits: str) -> None:
    change_labels(box, ADA, digits, LabelEdit(action="label", rows=(0,), label="zero"))
    change_labels(box, ADA, digits, LabelEdit(action="exclude", rows=(1,)))

    page = pictures.pictures(box, ADA, digits, limit=4)

    first, second, _third, fourth = page.items
    assert (first.label, first.was, first.name) == ("zero", "0", "0/0000.png")
    assert (second.excluded, fourth.twins, fourth.width) == (True, "a", 32)
    assert page.total == 30
    assert dict(page.classes)["zero"] == 1 and dict(page.classes)["1"] == 2


def test_a_class_is_found_by_its_name_of_now(box: Appliance, digits: str) -> None:
    change_labels(box, ADA, digits, LabelEdit(action="rename", old="3", label="three"))

    found = pictures.pictures(box, ADA, digits, pictures.Wanted(label="three"))

    assert found.total == 3 and {one.was for one in found.items} == {"3"}


def test_look_alikes_stand_together(box: Appliance, digits: str) -> None:
    groups, total = pictures.look_alikes(box, ADA, digits)

    assert [tuple(one.row for one in group) for group in groups] == [(4, 5, 6), (3, 7)]
    assert total == 2
    assert pictures.pictures(box, ADA, digits, pictures.Wanted(only="look_alikes")).total == len(TWINS)


def test_rows_can_be_asked_for_by_number(box: Appliance, digits: str) -> None:
    found = pictures.pictures_at(box, ADA, digits, [9, 2, 99, -1])

    assert [one.row for one in found] == [9, 2]


def test_a_picture_is_a_small_jpeg(box: Appliance, digits: str) -> None:
    content = pictures.thumbnail(box, ADA, digits, 3)

    assert Image.open(io.BytesIO(content)).format == "JPEG"


@pytest.mark.parametrize("row", [-1, 30, 10**12])
def test_a_picture_that_is_not_there_is_not_found(box: Appliance, digits: str, row: int) -> None:
    with pytest.raises(NotFound):
        pictures.thumbnail(box, ADA, digits, row)


def test_lost_thumbnails_are_not_found(box: Appliance, digits: str) -> None:
    (box.folder.dataset(digits) / "thumbnails.bin").unlink()

    with pytest.raises(NotFound):
        pictures.thumbnail(box, ADA, digits, 0)


@pytest.mark.parametrize("wrong", ["", "../../etc", "x" * 5000])
def test_a_set_that_is_not_there_is_not_found(box: Appliance, wrong: str) -> None:
    with pytest.raises(NotFound):
        pictures.thumbnail(box, ADA, wrong, 0)
    with pytest.raises(NotFound):
        pictures.pictures(box, ADA, new_id())


def test_a_page_has_an_end(box: Appliance, digits: str) -> None:
    with pytest.raises(Refusal):
        pictures.pictures(box, ADA, digits, limit=100_000)


def test_files_left_out_are_told_with_the_reason(box: Appliance, digits: str) -> None:
    first, second = pictures.left_out(box, ADA, digits)

    assert (first.name, first.reason) == ("0/broken0.png", "The picture cannot be read.")
    assert second.name == "<b>notes</b>.txt"
    assert len(pictures.left_out(box, ADA, digits, limit=1)) == 1
