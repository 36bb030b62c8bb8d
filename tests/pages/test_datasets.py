from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.language import translator
from app.usecases import uploads
from app.usecases.datasets import list_datasets
from app.usecases.person import Person
from app.wiring import Appliance, use
from tests.pages.conftest import HOSTILE, OpenPage, add_person, put_dataset, words_on
from tests.pictured import put_pictures

pytestmark = pytest.mark.slow


def test_an_empty_box_asks_for_a_file_and_shows_no_list(open_page: OpenPage) -> None:
    page = open_page("datasets")

    assert not page.exception
    assert not page.text_input


def test_datasets_are_listed_newest_first_and_found_by_name(
    box: Appliance, ada: Person, open_page: OpenPage
) -> None:
    for name in ("Wine", "Customers", "Customers of 2025"):
        put_dataset(box, ada, name)

    page = open_page("datasets")
    assert _names(page) == ["Customers of 2025", "Customers", "Wine"]

    page.text_input(key="q").set_value("custom").run()
    assert _names(page) == ["Customers of 2025", "Customers"]
    assert "2 found" in words_on(page)

    page.text_input(key="q").set_value("nothing like it").run()
    assert "Nothing here is called" in words_on(page)


def test_a_long_list_has_pages(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    for number in range(25):
        put_dataset(box, ada, f"Table {number:02}")

    page = open_page("datasets")
    assert len(_names(page)) == 20

    page.session_state["page"] = 2
    page.run()
    assert _names(page) == [f"Table {number:02}" for number in (4, 3, 2, 1, 0)]


def test_a_hostile_name_is_shown_as_text(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    put_dataset(box, ada, HOSTILE)

    label = _names(open_page("datasets"))[0]

    assert "\\*\\*bold\\*\\*" in label
    assert "](" not in label


def test_ten_thousand_letters_do_not_fill_the_page(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    put_dataset(box, ada, "A" * 10_000)

    assert len(_names(open_page("datasets"))[0]) < 200


def test_a_file_that_arrived_while_nobody_looked_is_offered(
    box: Appliance, ada: Person, open_page: OpenPage
) -> None:
    upload = uploads.begin(box, ada, "late.csv", 8)
    uploads.part_of(box.folder, upload).write_bytes(b"a,b\n1,2\n")
    uploads.finish(box, upload)
    page = open_page("datasets")

    page.button(key=f"take-{upload.id}").click().run()

    assert [item.name for item in list_datasets(box, ada).items] == ["late"]


def test_a_file_that_arrived_can_be_thrown_away(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    upload = uploads.begin(box, ada, "late.csv", 8)
    uploads.part_of(box.folder, upload).write_bytes(b"a,b\n1,2\n")
    uploads.finish(box, upload)

    page = open_page("datasets")
    page.button(key=f"discard-{upload.id}").click().run()

    assert "late" not in words_on(page)
    assert not uploads.whole_of(box.folder, upload).exists()


def test_files_of_others_are_not_offered(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    other = add_person(box, "mei", "Mei")
    upload = uploads.begin(box, other, "secret.csv", 8)
    uploads.part_of(box.folder, upload).write_bytes(b"a,b\n1,2\n")
    uploads.finish(box, upload)

    assert "secret" not in words_on(open_page("datasets"))


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_both_languages(box: Appliance, ada: Person, open_page: OpenPage, language: str) -> None:
    put_dataset(box, ada, "Wine")

    page = open_page("datasets", language=language)

    assert not page.exception
    assert page.title[0].value == translator(language.replace("-", "_")).text("Datasets")


def _names(page: object) -> list[str]:
    return [link.label for link in page.main.get("page_link")]  # type: ignore[attr-defined]


def test_a_file_of_the_server_becomes_a_dataset(
    box: Appliance, ada: Person, open_page: OpenPage, tmp_path: Path
) -> None:
    shelf = tmp_path / "shelf"
    (shelf / "2025").mkdir(parents=True)
    (shelf / "2025" / "wine.csv").write_text("a,b\n1,2\n")
    use(replace(box, serve=replace(box.serve, data_roots=(str(shelf),))))

    page = open_page("datasets")
    page.selectbox(key="root")
    page.get_by_key("entry-{root}-".format(root=page.selectbox(key="root").value)).set_value("2025").run()
    page.button(key="enter").click().run()
    page.get_by_key("entry-{root}-2025".format(root=page.selectbox(key="root").value)).set_value(
        "wine.csv"
    ).run()
    page.button(key="take-file").click().run()

    assert [item.name for item in list_datasets(box, ada).items] == ["wine"]


def test_a_folder_of_pictures_of_the_server_becomes_a_dataset(
    box: Appliance, ada: Person, open_page: OpenPage, tmp_path: Path
) -> None:
    shelf = tmp_path / "shelf"
    for name in ("pets/cat/1.png", "pets/dog/2.png", "tables/wine.csv"):
        (shelf / name).parent.mkdir(parents=True, exist_ok=True)
        (shelf / name).write_bytes(b"1")
    use(replace(box, serve=replace(box.serve, data_roots=(str(shelf),))))

    page = open_page("datasets")
    entry = "entry-{root}-".format(root=page.selectbox(key="root").value)
    page.get_by_key(entry).set_value("tables").run()
    assert "take-folder" not in [button.key for button in page.button]
    page.get_by_key(entry).set_value("pets").run()
    page.button(key="take-folder").click().run()

    assert [(item.name, item.source_name) for item in list_datasets(box, ada).items] == [("pets", "pets.zip")]


def test_a_set_of_pictures_says_so_many_pictures_and_classes(
    box: Appliance, ada: Person, open_page: OpenPage
) -> None:
    put_pictures(box, ada, count=20)
    put_dataset(box, ada, "Sales")

    said = words_on(open_page("datasets"))

    assert "20 pictures · 10 classes" in said
    assert "12 rows · 3 columns" in said
