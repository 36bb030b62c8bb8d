from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import InvalidSpec
from engine.modalities.image.labelling import (
    Labels,
    edits_of,
    label_column,
    play,
    read_labels,
)
from engine.specs.pictures import LabelEdit
from engine.specs.schema import Column, Schema
from tests.pictured import SCHEMA, write_dataset


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Labels:
    folder = tmp_path_factory.mktemp("digits")
    write_dataset(folder, 10)
    return read_labels(folder / "dataset" / "data.parquet", "label")


def edit(action: str, *rows: int, label: str = "", old: str = "") -> LabelEdit:
    return LabelEdit(action=action, rows=rows, label=label, old=old)  # type: ignore[arg-type]


def test_labels_are_those_of_the_import(labels: Labels) -> None:
    assert labels.of(range(10)) == tuple("0123456789")
    assert not labels.changed.any() and not labels.unlabelled


def test_pictures_get_another_class_and_lose_theirs(labels: Labels) -> None:
    after = play(labels, [edit("label", 1, 2, label="zwei"), edit("label", 3)])

    assert after.of([0, 1, 2, 3]) == ("0", "zwei", "zwei", "")
    assert after.counts()[0] == ("zwei", 2)
    assert (after.unlabelled, int(after.changed.sum())) == (1, 3)


def test_a_class_is_renamed_and_two_become_one(labels: Labels) -> None:
    after = play(labels, [edit("rename", old="1", label="one"), edit("rename", old="one", label="7")])

    assert after.of([1, 7]) == ("7", "7")
    assert dict(after.counts())["7"] == 2
    assert "one" not in dict(after.counts())


def test_later_pictures_of_an_old_name_are_a_class_of_their_own(labels: Labels) -> None:
    after = play(labels, [edit("rename", old="1", label="one"), edit("label", 5, label="1")])

    assert after.of([1, 5]) == ("one", "1")


def test_what_was_left_out_counts_for_nothing_until_it_is_back(labels: Labels) -> None:
    out = play(labels, [edit("exclude", 4, 5)])
    back = play(labels, [edit("exclude", 4, 5), edit("include", 4)])

    assert "4" not in dict(out.counts())
    assert back.excluded.nonzero()[0].tolist() == [5]


def test_a_change_that_was_changed_back_is_none(labels: Labels) -> None:
    after = play(labels, [edit("label", 1, label="x"), edit("label", 1, label="1")])

    assert not after.changed.any()


def test_rows_that_are_not_there_are_passed_over(labels: Labels) -> None:
    assert play(labels, [edit("label", 99, -1, label="x")]).of(range(10)) == labels.of(range(10))


def test_undoing_takes_the_last_standing_edit_back() -> None:
    lines = [
        {"edit": {"action": "label", "rows": [1], "label": "a", "old": ""}},
        {"edit": {"action": "label", "rows": [2], "label": "b", "old": ""}},
        {"undo": True},
        {"version": "k"},
        {"undo": True},
        {"undo": True},
        {"edit": {"action": "exclude", "rows": [3], "label": "", "old": ""}},
    ]

    assert [one.action for one in edits_of(lines)] == ["exclude"]


def test_an_edit_that_is_none_is_named() -> None:
    with pytest.raises(InvalidSpec, match="action"):
        edits_of([{"edit": {"action": "burn"}}])


def test_a_set_without_labels_has_none(tmp_path: Path) -> None:
    write_dataset(tmp_path, 4, labelled=False)
    labels = read_labels(tmp_path / "dataset" / "data.parquet", None)

    assert (labels.of([0, 3]), labels.unlabelled) == (("", ""), 4)
    assert play(labels, [edit("label", 0, label="cat")]).counts() == (("cat", 1),)


def test_the_columns_of_pictures_and_classes_are_found() -> None:
    found, image = label_column(SCHEMA), SCHEMA.image
    assert found is not None and found.name == "label"
    assert image is not None and image.name == "image"
    assert label_column(SCHEMA.without("label")) is None


def test_a_column_of_another_name_may_hold_the_classes() -> None:
    species = Column(name="species", source_name="s", physical="string", semantic="category")
    schema = Schema(columns=(*SCHEMA.without("label").columns, species))

    assert label_column(schema) is species
    assert Schema(columns=(species,)).image is None
