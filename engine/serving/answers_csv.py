"""Answers as CSV text, written without Arrow: a plane that answers programs should not have to hold it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from engine.serving.model import Prediction, ServedModel

ROW = "row"


def answers_csv(model: ServedModel, prediction: Prediction) -> bytes:
    """Return answers as the CSV that batch prediction writes, with the columns `row`, `label`, … (UTF-8).

    Numbers are the shortest that are the same float32.
    """
    columns: list[Iterable[object]] = [range(len(prediction.scores))]
    if prediction.labels is not None:
        columns.append(prediction.labels.tolist())
    columns.extend(prediction.numbers.T)
    sink = io.StringIO()
    writer = csv.writer(sink, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow([ROW, *free_names(answer_names(model), [ROW])])
    writer.writerows(zip(*columns, strict=True))
    return sink.getvalue().encode()


def answer_names(model: ServedModel) -> list[str]:
    """Return the names of the columns that hold answers."""
    if not model.classes:
        return ["prediction", *(("lower", "upper") if model.level is not None else ())]
    return ["label", *(f"probability_{name}" for name in model.classes)]


def free_names(names: Sequence[str], taken: Sequence[str]) -> list[str]:
    """Return `names`, each put behind "output_" as often as it takes to meet none of `taken`, and no other."""
    free: list[str] = []
    for name in names:
        while name in taken or name in free:
            name = f"output_{name}"
        free.append(name)
    return free
