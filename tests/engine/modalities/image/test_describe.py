from __future__ import annotations

from pathlib import Path

from engine.files import read_json
from engine.modalities.image.describe import FACTS, describe_pictures
from engine.modalities.image.thumbnails import THUMBNAILS
from engine.specs.codec import from_json
from engine.specs.pictures import PictureFacts
from engine.specs.schema import Schema
from tests.pictured import SCHEMA, write_dataset


def test_a_set_of_pictures_is_told_in_a_few_numbers(tmp_path: Path) -> None:
    write_dataset(tmp_path, 30)

    facts = from_json(PictureFacts, read_json(tmp_path / FACTS))

    assert (facts.image, facts.label, facts.pictures, facts.look_alikes) == ("image", "label", 30, 5)
    assert facts.classes == tuple((str(n), 3) for n in range(10))
    assert (tmp_path / THUMBNAILS).stat().st_size > 1000


def test_a_table_is_none(tmp_path: Path) -> None:
    schema = Schema(columns=SCHEMA.columns[1:])

    assert describe_pictures(tmp_path / "no.parquet", schema, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_set_without_labels_says_so(tmp_path: Path) -> None:
    write_dataset(tmp_path, 5, labelled=False)

    facts = from_json(PictureFacts, read_json(tmp_path / FACTS))
    assert (facts.label, facts.classes, facts.unlabelled) == (None, (), 5)
