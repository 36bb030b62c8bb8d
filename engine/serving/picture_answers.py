"""Answers for many pictures, of which some cannot be read: those are told, and the others are answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.serving.answers import answer_columns
from engine.serving.answers_csv import ROW
from engine.serving.model import Prediction, ServedModel, prediction_of
from engine.serving.picture_source import PATH, PROBLEM
from engine.serving.pictures import picture_input, run_pictures


@dataclass(frozen=True, kw_only=True)
class Readable:
    """The answers for those pictures of a batch that could be read.

    rows: their numbers in the batch, ascending.   problems: of all rows, None for a picture that was answered.
    """

    prediction: Prediction
    rows: npt.NDArray[np.int64]
    problems: tuple[str | None, ...]


def answer_readable(model: ServedModel, batch: pa.RecordBatch) -> Readable:
    """Answer what can be read of a batch of `engine.serving.picture_source`.   Raises: WorkFailed."""
    name = picture_input(model.inputs) or ""
    problems: list[str | None] = batch.column(PROBLEM).to_pylist()
    column = batch.column(name).to_pylist()
    kept = [row for row, problem in enumerate(problems) if problem is None]
    files = np.empty((len(kept), 1), dtype=object)
    files[:, 0] = [column[row] for row in kept]
    broken: dict[int, str] = {}
    outputs = run_pictures(model.session, {name: files}, name, broken=broken)
    for at, why in broken.items():
        problems[kept[at]] = why
    rows = [row for at, row in enumerate(kept) if at not in broken]
    return Readable(
        prediction=prediction_of(outputs), rows=np.array(rows, np.int64), problems=tuple(problems)
    )


class PictureTable:
    """The written table: `path`, `row`, the answers of those that could be read, and for others the problem."""

    def __init__(self, model: ServedModel) -> None:
        answers = answer_columns(model, taken=(PATH, ROW, PROBLEM))
        self.schema = pa.schema([(PATH, pa.string()), (ROW, pa.int64()), *answers, (PROBLEM, pa.string())])

    def batch(self, first_row: int, rows: pa.RecordBatch, answered: Readable) -> pa.RecordBatch:
        """Return the table's rows for one batch of pictures, which begins at row number `first_row`."""
        count = rows.num_rows
        # Where each row's answer stands, missing for those without one.
        places = np.full(count, -1)
        places[answered.rows] = np.arange(len(answered.rows))
        take = pa.array(places, mask=places < 0)
        columns = [rows.column(PATH), pa.array(np.arange(first_row, first_row + count), pa.int64())]
        if answered.prediction.labels is not None:
            columns.append(pa.array(answered.prediction.labels, pa.string()).take(take))
        columns += [pa.array(np.ascontiguousarray(n)).take(take) for n in answered.prediction.numbers.T]
        columns.append(pa.array(answered.problems, pa.string()))
        arrays = [column.cast(field.type) for column, field in zip(columns, self.schema, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)
