"""The data sets that knowledge is measured on, read in place; the test rows of the quality bench are left out."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.bench.quality.parts import place_of, read_cells
from scripts.bench.quality.sets import SETS as QUALITY_SETS
from scripts.bench.quality.split import positions_of_test

#: Sampled rows: 4,000 to train on (a fifth of them to stop by), the others to judge.
MOST_ROWS, TEST_SHARE = 5_700, 0.3
#: Rows below which one division into training and judged rows says too little: so many rows → so often divided.
REPEATS = ((1_000, 2),)
SAMPLE_SEED = 20_261_124
REGRESSIONS = ("503_wind", "529_pollen", "562_cpu_small", "diabetes")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One data set and its question.   read: returns header and rows as text."""

    name: str
    target: str
    read: Callable[[], tuple[list[str], list[list[str]]]]
    task: str


def sources(data: Path) -> tuple[Source, ...]:
    """Return every set there is.   data: the folder that has tabular/ and pmlb/."""
    known = {one.file: one for one in QUALITY_SETS}
    found = []
    for file in sorted([*(data / "pmlb").glob("*.tsv.gz"), *(data / "tabular").glob("*.csv")]):
        asked = known.get(str(file.relative_to(data)))
        name = asked.name if asked else file.name.split(".")[0]
        if name == "titanic_test":
            continue  # it has no answers
        task = asked.task if asked else "regression" if name in REGRESSIONS else "classes"
        target = asked.target if asked else "target"
        found.append(
            Source(name=name, target=target, read=_reader(file, target, task, asked is not None), task=task)
        )
    return (*found, *_of_scikit_learn())


def repeats(rows: int) -> int:
    """Return how often a set of so many rows is divided anew."""
    return next((times for below, times in REPEATS if rows < below), 1)


def write_sample(source: Source, file: Path) -> int:
    """Write at most `MOST_ROWS` rows of the set as CSV, drawn by a fixed seed, in their order; return their number."""
    header, rows = source.read()
    # A row of numbers would not be taken for names.
    header = [f"column {name}" if name.isdecimal() else name for name in header]
    if len(rows) > MOST_ROWS:
        lots = random.Random(f"{SAMPLE_SEED} {source.name}")
        rows = [rows[place] for place in sorted(lots.sample(range(len(rows)), MOST_ROWS))]
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, lineterminator="\n").writerows([header, *rows])
    return len(rows)


def _reader(
    file: Path, target: str, task: str, is_judged: bool
) -> Callable[[], tuple[list[str], list[list[str]]]]:
    def read() -> tuple[list[str], list[list[str]]]:
        header, rows = read_cells(file)
        if not is_judged:
            return header, rows
        place = place_of(target, header)
        labels = None if task == "regression" else [row[place].strip() for row in rows]
        kept_for_the_bench = set(positions_of_test(labels, len(rows)))
        return header, [row for position, row in enumerate(rows) if position not in kept_for_the_bench]

    return read


def _of_scikit_learn() -> tuple[Source, ...]:
    from sklearn import datasets

    def reader(
        load: Callable[[], Any], names: tuple[str, ...]
    ) -> Callable[[], tuple[list[str], list[list[str]]]]:
        def read() -> tuple[list[str], list[list[str]]]:
            found = load()
            header = [str(name) for name in found.feature_names]
            labels = (
                [names[int(y)] for y in found.target] if names else [repr(float(y)) for y in found.target]
            )
            rows = [
                [*(repr(float(x)) for x in row), label] for row, label in zip(found.data, labels, strict=True)
            ]
            return [*header, "target"], rows

        return read

    made = []
    for name in ("iris", "wine", "breast_cancer", "digits", "diabetes"):
        load = getattr(datasets, f"load_{name}")
        names = () if name in REGRESSIONS else tuple(f"class {n}" for n in load().target_names)
        task = "regression" if name in REGRESSIONS else "classes"
        made.append(Source(name=name, target="target", read=reader(load, names), task=task))
    return tuple(made)
