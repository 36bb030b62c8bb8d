from __future__ import annotations

from pathlib import Path

import pyarrow.parquet
import pytest

from engine.errors import BadData
from engine.files import read_json
from engine.modalities.image.relabel import relabel
from engine.modalities.image.stored import read_different
from engine.specs.codec import from_json
from engine.specs.dataset import ImportSummary
from engine.specs.pictures import LabelEdit
from engine.specs.schema import Schema
from tests.pictured import write_dataset


@pytest.fixture
def source(tmp_path: Path) -> Path:
    write_dataset(tmp_path / "old", 30)
    return tmp_path / "old" / "dataset"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    place = tmp_path / "new"
    place.mkdir()
    return place


def test_a_version_has_the_same_pictures_with_other_labels(source: Path, target: Path) -> None:
    before = (source / "data.parquet").read_bytes()
    edits = [
        LabelEdit(action="label", rows=(0,), label="zero"),
        LabelEdit(action="label", rows=(1,)),
        LabelEdit(action="exclude", rows=(3, 9)),
    ]

    kept = relabel(source, target, label="label", edits=edits)

    old = pyarrow.parquet.read_table(source / "data.parquet")
    new = pyarrow.parquet.read_table(target / "data.parquet")
    assert kept == [row for row in range(30) if row not in (3, 9)]
    assert new.column_names == old.column_names
    assert new["image"].to_pylist() == old.take(kept)["image"].to_pylist()
    assert new["label"].to_pylist()[:3] == ["zero", None, "2"]
    assert (source / "data.parquet").read_bytes() == before


def test_a_picture_that_lost_its_only_twin_has_none(source: Path, target: Path) -> None:
    relabel(source, target, label="label", edits=[LabelEdit(action="exclude", rows=(3, 4))])

    groups = pyarrow.parquet.read_table(target / "data.parquet")["look_alikes"].to_pylist()
    assert [group for group in groups if group] == ["b", "b"]


def test_what_stands_beside_the_table_says_the_same(source: Path, target: Path) -> None:
    shares: list[float] = []
    edits = [LabelEdit(action="label", rows=(0,), label="zero"), LabelEdit(action="exclude", rows=(3,))]
    relabel(source, target, label="label", edits=edits, progress=shares.append)

    schema = from_json(Schema, read_json(target / "schema.json"))
    summary = from_json(ImportSummary, read_json(target / "import.json"))
    assert schema == from_json(Schema, read_json(source / "schema.json"))
    assert (summary.rows_read, summary.rows_imported, summary.rows_rejected) == (29, 29, 0)
    assert summary.notes[-1] == "Made of 30 pictures: 1 with another label, 1 left out."
    assert shares[-1] == 1.0


def test_a_set_without_labels_gets_a_column_of_them(tmp_path: Path, target: Path) -> None:
    write_dataset(tmp_path / "bare", 6, labelled=False)
    edits = [
        LabelEdit(action="label", rows=(0, 1, 2), label="cat"),
        LabelEdit(action="label", rows=(3,), label="dog"),
    ]

    relabel(tmp_path / "bare" / "dataset", target, label=None, edits=edits)

    table = pyarrow.parquet.read_table(target / "data.parquet")
    assert table.column_names[:2] == ["image", "label"]
    assert table["label"].to_pylist() == ["cat", "cat", "cat", "dog", None, None]
    assert from_json(Schema, read_json(target / "schema.json")).names == tuple(table.column_names)


def test_one_class_for_all_is_a_constant(source: Path, target: Path) -> None:
    edits = [LabelEdit(action="label", rows=tuple(range(30)), label="digit")]
    relabel(source, target, label="label", edits=edits)

    assert from_json(Schema, read_json(target / "schema.json")).column("label").semantic == "constant"


def test_a_version_of_nothing_is_refused(source: Path, target: Path) -> None:
    with pytest.raises(BadData, match="left out"):
        relabel(source, target, label="label", edits=[LabelEdit(action="exclude", rows=tuple(range(30)))])


def test_a_picture_is_kept_once_while_a_row_shows_it(source: Path, target: Path) -> None:
    table = pyarrow.parquet.read_table(source / "data.parquet").take([*range(30), 0, 0, 1])
    pyarrow.parquet.write_table(table, source / "data.parquet", row_group_size=20)
    shown = table["image"].to_pylist()

    relabel(source, target, label="label", edits=[LabelEdit(action="exclude", rows=(0, 2, 32))])

    assert pyarrow.parquet.read_table(target / "data.parquet")["image"].to_pylist() == [
        shown[row] for row in range(33) if row not in (0, 2, 32)
    ]
    # The first row group has lost two of 20; the second shows one twice and has lost one of 13.
    kept = [len(pictures.dictionary) for _, pictures in read_different(target / "data.parquet", "image")]
    assert kept == [18, 11]
    assert shown[2] not in (target / "data.parquet").read_bytes()
