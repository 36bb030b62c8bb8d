from __future__ import annotations

from pathlib import Path

from app.usecases.picture_files import ORIGIN, Origin, PictureFiles
from engine.files import write_json
from engine.specs.codec import to_json
from tests.pictured import write_dataset


def test_the_folder_of_a_table_has_no_facts_of_pictures(tmp_path: Path) -> None:
    files = PictureFiles(tmp_path)

    assert files.facts is None and files.origin is None


def test_a_set_of_pictures_tells_its_facts_and_where_it_comes_from(tmp_path: Path) -> None:
    write_dataset(tmp_path, 12)
    origin = Origin(dataset_id="d", dataset_name="Digits", changes=3)
    write_json(tmp_path / ORIGIN, to_json(origin))
    files = PictureFiles(tmp_path)

    assert files.facts is not None and files.facts.pictures == 12
    assert files.origin == origin
    assert files.data.is_file() and files.thumbnails.is_file() and files.rejects.is_file()
