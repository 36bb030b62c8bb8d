from __future__ import annotations

from app.navigation import BY_NAME, CATALOGUE, PAGES_FOLDER


def test_every_page_is_in_the_catalogue_and_every_row_has_its_page() -> None:
    files = {path.stem for path in PAGES_FOLDER.glob("*.py")} - {"__init__"}

    assert files == {row.name for row in CATALOGUE}


def test_hidden_pages_belong_to_one_of_the_menu() -> None:
    for row in CATALOGUE:
        assert not row.parent or not BY_NAME[row.parent].is_hidden


def test_names_are_declared_once() -> None:
    assert len(BY_NAME) == len(CATALOGUE)
