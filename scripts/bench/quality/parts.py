"""Cut a set's file into training and test rows: raw cells, as its publisher wrote them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scripts.bench.quality.scores import Array
from scripts.bench.quality.sets import Set
from scripts.bench.quality.split import digest, positions_of_test

TRAIN, TEST, QUESTION = "train.csv", "test.csv", "question.json"


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A set that was cut.

    folder: holds train.csv, test.csv and question.json.  truth: (test rows,), class numbers or values.
    classes: in the order of every system's probabilities; empty for regression.  rows: digest of the test positions.
    """

    folder: Path
    train_rows: int
    truth: Array
    classes: tuple[str, ...]
    rows: str


def read_cells(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a CSV or of a gzipped TSV, no cell changed."""
    if path.suffix == ".gz":
        text, delimiter = gzip.decompress(path.read_bytes()).decode("utf-8"), "\t"
    else:
        text, delimiter = path.read_text(encoding="utf-8-sig"), ","
    header, *rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    return header, rows


def place_of(target: str, header: Sequence[str]) -> int:
    """Return the place of the column that is called `target`, blanks around it aside."""
    return [name.strip() for name in header].index(target)


def numbers_of(cells: Sequence[str], classes: Sequence[str]) -> Array:
    """Return the target's cells as class numbers, or as values where there are no classes."""
    numbers = {name: float(number) for number, name in enumerate(classes)}
    return np.array([numbers[cell.strip()] if classes else float(cell) for cell in cells])


def cut(one: Set, data: Path, folder: Path) -> Parts:
    """Write both parts of `one` and its question into `folder`.   data: the folder of shared data."""
    header, rows = read_cells(data / one.file)
    place = place_of(one.target, header)
    labels = [row[place].strip() for row in rows] if one.task != "regression" else None
    drawn = positions_of_test(labels, len(rows))
    is_test = set(drawn)
    train = [row for position, row in enumerate(rows) if position not in is_test]
    test = [rows[position] for position in drawn]
    classes = tuple(sorted(set(labels or ())))
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in ((TRAIN, train), (TEST, test)):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *part])
    question = {
        "name": one.name, "target": one.target, "task": one.task, "metric": one.metric, "classes": classes,
        "missing": one.missing, "dates": one.dates,
    }  # fmt: skip
    (folder / QUESTION).write_text(json.dumps(question), encoding="utf-8")
    return Parts(
        folder=folder,
        train_rows=len(train),
        truth=numbers_of([row[place] for row in test], classes),
        classes=classes,
        rows=digest(drawn),
    )
