from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.modalities.image.labelling import Labels, play, read_labels
from engine.modalities.image.sheet import ORDERS, cells, choose, groups_of_twins, twins
from engine.specs.pictures import LabelEdit
from tests.pictured import TWINS, write_dataset


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("digits")
    write_dataset(folder, 30)
    return folder / "dataset" / "data.parquet"


@pytest.fixture(scope="module")
def labels(data: Path) -> Labels:
    return read_labels(data, "label")


def test_pages_follow_each_other(data: Path, labels: Labels) -> None:
    first = choose(data, labels, limit=12)
    last = choose(data, labels, limit=12, offset=24)

    assert first.rows == tuple(range(12)) and first.total == last.total == 30
    assert last.rows == tuple(range(24, 30))


def test_a_class_is_asked_for_by_its_name_of_now(data: Path, labels: Labels) -> None:
    now = play(labels, [LabelEdit(action="rename", old="3", label="three")])

    rows = choose(data, now, label="three", limit=30).rows
    assert rows and set(now.of(rows)) == {"three"}
    assert choose(data, now, label="3", limit=30).total == 0
    assert choose(data, now, label="never heard of", limit=30).total == 0


def test_pictures_can_be_asked_for_by_what_was_done_to_them(data: Path, labels: Labels) -> None:
    now = play(
        labels,
        [
            LabelEdit(action="label", rows=(2,), label="x"),
            LabelEdit(action="label", rows=(8,)),
            LabelEdit(action="exclude", rows=(5,)),
        ],
    )

    assert choose(data, now, only="changed", limit=30).rows == (2, 5, 8)
    assert choose(data, now, only="excluded", limit=30).rows == (5,)
    assert choose(data, now, only="unlabelled", limit=30).rows == (8,)
    assert set(choose(data, now, only="look_alikes", limit=30).rows) == set(TWINS)


def test_pictures_can_be_sorted_by_what_a_model_says(data: Path, labels: Labels) -> None:
    keys = np.full(30, np.inf)
    keys[[20, 4, 11]] = 0, 1, 2

    assert choose(data, labels, order=keys, limit=5).rows == (20, 4, 11, 0, 1)
    assert choose(data, labels, order="doubted", limit=3).rows == (0, 1, 2)


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_shows_every_picture_once(data: Path, labels: Labels, order: str) -> None:
    assert sorted(choose(data, labels, order=order, limit=30).rows) == list(range(30))  # type: ignore[arg-type]


def test_the_darkest_come_first_and_the_brightest_the_other_way(data: Path, labels: Labels) -> None:
    rows = choose(data, labels, order="darkest", limit=30).rows
    bright = [row["brightness"] for row in cells(data, rows, ["brightness"])]
    backwards = choose(data, labels, order="brightest", limit=30).rows
    other = [row["brightness"] for row in cells(data, backwards, ["brightness"])]

    assert bright == sorted(bright) and other == sorted(bright, reverse=True)


def test_cells_come_in_the_order_asked_for_over_row_groups(data: Path) -> None:
    found = cells(data, [29, 0, 8, 29], ["path", "nothing"])

    assert [one["path"][-8:] for one in found] == ["0029.png", "0000.png", "0008.png", "0029.png"]


def test_groups_of_look_alikes_are_whole_and_the_largest_first(data: Path) -> None:
    groups, total = groups_of_twins(data, limit=1)

    assert (groups, total) == (((4, 5, 6),), 2)
    assert groups_of_twins(data, limit=5, offset=1)[0] == ((3, 7),)
    assert (twins(data) != "").sum() == len(TWINS)
