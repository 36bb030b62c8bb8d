from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from engine.modalities.image.labelling import Labels, play
from engine.modalities.image.suggestions import (
    Suggestions,
    doubts_of,
    order_keys,
    read_suggestions,
    write_suggestions,
)
from engine.specs.pictures import LabelEdit, SuggestedBy

BY = SuggestedBy(model="m", version=2, sha256="ab", dataset_id="d")


@pytest.fixture
def made() -> Suggestions:
    """Six pictures: sure, unsure, without an answer, sure of another class, surer of another class, half sure of it."""
    return Suggestions(
        classes=("cat", "dog", "owl"),
        codes=np.array([[0, 1], [1, 0], [-1, -1], [1, 0], [2, 0], [1, 0]], np.int32),
        scores=np.array(
            [[0.9, 0.1], [0.52, 0.48], [0, 0], [0.85, 0.15], [0.98, 0.01], [0.7, 0.3]], np.float32
        ),
    )


def labelled(*codes: int, classes: tuple[str, ...] = ("cat", "dog", "owl")) -> Labels:
    return Labels(classes, np.array(codes, np.int32), np.zeros(len(codes), bool), np.zeros(len(codes), bool))


def test_a_picture_has_a_suggestion_or_none(made: Suggestions) -> None:
    found = made.of([1, 2, 4, 99, -1])

    assert {row: label for row, (label, _share) in found.items()} == {1: "dog", 4: "owl"}
    assert found[4][1] == pytest.approx(0.98)


def test_the_least_sure_stand_first_and_those_without_an_answer_last(made: Suggestions) -> None:
    keys = order_keys(made, labelled(0, 0, 0, 0, 0, 0), "uncertain")

    assert np.argsort(keys, kind="stable").tolist() == [1, 5, 3, 0, 4, 2]


def test_labels_are_doubted_where_the_model_is_sure_of_another_class(made: Suggestions) -> None:
    labels = labelled(0, 0, 0, 0, 0, 0)

    assert made.doubted(labels) == (4, 3)
    assert np.argsort(order_keys(made, labels, "doubted"), kind="stable").tolist() == [4, 3, 0, 1, 2, 5]
    changed = play(
        labels,
        [LabelEdit(action="label", rows=(4,), label="owl"), LabelEdit(action="exclude", rows=(3,))],
    )
    assert made.doubted(changed) == ()


def test_nothing_is_doubted_that_the_model_cannot_know(made: Suggestions) -> None:
    assert made.doubted(labelled(-1, -1, -1, -1, -1, -1)) == ()
    assert made.doubted(labelled(0, 0, 0, 0, 0, 0, classes=("newt",))) == ()


def test_doubts_of_after_training_come_first_while_the_label_is_the_doubted_one(made: Suggestions) -> None:
    told = doubts_of(made, [(0, "cat", 0.05, "owl", 0.7), (9, "cat", 0, "owl", 1), (1, "?", 0, "owl", 1)], 6)

    assert told.suspects == (0,)
    assert told.of([0]) == {0: ("owl", pytest.approx(0.7))}
    assert told.doubted(labelled(0, 0, 0, 0, 0, 0)) == (0, 4, 3)
    assert told.doubted(labelled(2, 0, 0, 0, 0, 0)) == (4, 3)
    assert made.suspects == () and made.codes[0, 0] == 0


def test_a_renamed_or_merged_class_is_suggested_by_its_new_name(made: Suggestions) -> None:
    edits = [
        LabelEdit(action="rename", old="owl", label="bird"),
        LabelEdit(action="rename", old="dog", label="cat"),
    ]
    labels = play(labelled(0, 1, 1, 1, 0, 0), edits)
    told = made.renamed(edits)

    assert told.of([4])[4][0] == "bird" and told.of([3])[3][0] == "cat"
    assert told.doubted(labels) == (4,)


def test_the_file_gives_back_what_was_written(made: Suggestions, tmp_path: Path) -> None:
    path = tmp_path / "suggestions.parquet"
    told = doubts_of(made, [(0, "cat", 0.05, "owl", 0.7)], 6)
    write_suggestions(path, made, BY)
    write_suggestions(path, told, BY)

    found = read_suggestions(path)

    assert found is not None
    by, read = found
    assert (by, read.classes, read.suspects) == (BY, told.classes, (0,))
    np.testing.assert_array_equal(read.codes, told.codes)
    np.testing.assert_array_equal(read.scores, told.scores)
    assert [file.name for file in tmp_path.iterdir()] == ["suggestions.parquet"]


def test_a_file_that_is_none_of_ours_suggests_nothing(tmp_path: Path) -> None:
    assert read_suggestions(tmp_path / "missing.parquet") is None
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 and then nothing")
    assert read_suggestions(tmp_path / "torn.parquet") is None
    pyarrow.parquet.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    assert read_suggestions(tmp_path / "other.parquet") is None
