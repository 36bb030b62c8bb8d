"""Cutting a file: no cell changes, no row is lost, and every set's question can be asked."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from scripts.bench.quality.parts import cut, read_cells
from scripts.bench.quality.sets import SETS, Set

ROWS = [["1", ' "a, b"', " yes"], ["", " ?", " no"], ["3", "x\ny", " yes"], ["4", "é", " no"]] * 10


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with (tmp_path / "made.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["n", " t", " y "], *ROWS])
    return tmp_path


def test_both_parts_together_are_the_file(data: Path) -> None:
    parts = cut(Set(name="made", file="made.csv", target="y", task="binary", why=""), data, data / "cut")
    (header, train), (same, test) = (read_cells(parts.folder / f"{name}.csv") for name in ("train", "test"))
    assert header == same == ["n", " t", " y "]
    assert sorted(train + test) == sorted(ROWS)
    assert (parts.train_rows, len(test)) == (30, 10)
    assert parts.classes == ("no", "yes")
    assert list(parts.truth) == [float(row[2] == " yes") for row in test]
    question = json.loads((parts.folder / "question.json").read_text())
    assert (question["task"], question["metric"], question["classes"]) == ("binary", "roc_auc", ["no", "yes"])


def test_a_packed_file_is_read_and_numbers_stay_numbers(tmp_path: Path) -> None:
    text = "a\ttarget\n" + "".join(f"{i}\t{i / 2}\n" for i in range(8))
    (tmp_path / "made.tsv.gz").write_bytes(gzip.compress(text.encode()))
    made = Set(name="made", file="made.tsv.gz", target="target", task="regression", why="")
    parts = cut(made, tmp_path, tmp_path / "cut")
    assert parts.classes == ()
    _, test = read_cells(parts.folder / "test.csv")
    assert [float(row[1]) for row in test] == list(parts.truth)
    assert len(test) == 2


@pytest.mark.slow
@pytest.mark.parametrize("one", SETS, ids=lambda one: one.name)
def test_every_set_is_there_and_has_its_classes_on_both_sides(
    one: Set, shared_data: Path, tmp_path: Path
) -> None:
    parts = cut(one, shared_data, tmp_path)
    assert len(parts.truth) == pytest.approx(0.25 * (parts.train_rows + len(parts.truth)), abs=4)
    assert (len(parts.classes) == 2) == (one.task == "binary")
    assert (len(parts.classes) == 0) == (one.task == "regression")
    if parts.classes:
        assert set(parts.truth) == set(range(len(parts.classes)))
