"""Ask a published model raw rows whose answers are known, so that the report's metrics can be computed
again."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.errors import BadCommand, BadData
from engine.modalities.catalogue import check_source, modality_of
from engine.modalities.table import ImportLimits, read_rows
from engine.modalities.table.importing import DATA
from engine.serving.model import ServedModel
from engine.serving.predict import BATCH_ROWS
from engine.serving.session import feeds_of
from engine.serving.stored_rows import stream_table
from engine.specs.bundle import IntervalFacts
from engine.specs.schema import Task

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ScoredRows:
    """Known answers beside the model's.

    y: (rows,) value, or index in the model's classes.   scores: (rows, outputs), as the model gives them.
    reported: metric → value on the model card.   classes: of the model.
    threshold: of the label, where the card says one.   intervals: of a regression's bounds, where it answers them.
    """

    task: Task
    y: Doubles
    scores: Doubles
    reported: Mapping[str, float]
    classes: tuple[str, ...] = ()
    threshold: float | None = None
    intervals: IntervalFacts | None = None


def score_file(model: Path, data: Path, rows: Path | None, *, limits: ImportLimits) -> ScoredRows:
    """Answer the rows of `data` that have a target; `rows` is a CSV with a column `row` (0-based): only
    these.

    data: what an import takes, or for a model of pictures also the Parquet table of a dataset. Rows are numbered as an
        import numbers them: pictures that cannot be read are none.
    Raises: BadModel when the file is no published model.   BadCommand when a path or `rows` is wrong.
            BadData when a column or the target is not there, or no row has a known target.
    """
    served = ServedModel.open(model, threads=max(1, limits.threads))
    wanted = None if rows is None else _read_row_numbers(rows)
    index = _target_reader(served)
    known: list[Doubles] = []
    answers: list[Doubles] = []
    first = 0
    with closing(_rows(served, data, limits)) as batches:
        for batch in batches:
            y = index(batch)
            chosen = ~np.isnan(y)
            if wanted is not None:
                chosen &= np.isin(np.arange(first, first + len(y)), wanted)
            first += len(y)
            if chosen.any():
                known.append(y[chosen])
                answers.append(served.predict(batch.filter(pa.array(chosen))).scores.astype(np.float64))
    _check_found(known, wanted, first)
    reported = {metric.name: metric.value for metric in served.card.metrics}
    return ScoredRows(
        task=served.task,
        y=np.concatenate(known),
        scores=np.concatenate(answers),
        reported=reported,
        classes=served.classes,
        threshold=served.card.threshold,
        intervals=served.card.intervals,
    )


def _rows(model: ServedModel, data: Path, limits: ImportLimits) -> Generator[pa.RecordBatch, None, None]:
    """Yield the model's inputs and its target, row by row of `data`.

    Pictures are imported anew into a folder that is gone afterwards: only so do rows get the numbers they had in the
    run, and only so are labels found that lie in folders or beside the pictures.
    """
    names = (*model.inputs, model.target)
    if not model.reads_pictures:
        yield from read_rows(data, model.schema, columns=names, batch_rows=BATCH_ROWS, limits=limits)
        return
    columns = [model.schema.column(name) for name in names]
    if data.suffix.lower() in (".parquet", ".pq") and data.is_file():
        yield from stream_table(data, columns)
        return
    modality = modality_of(check_source(data))
    with tempfile.TemporaryDirectory(prefix="aimass-score-", dir=limits.temporary_folder) as folder:
        modality.import_data(data, Path(folder), limits=limits, progress=lambda share: None)
        yield from stream_table(Path(folder) / DATA, columns)


def _target_reader(model: ServedModel) -> Callable[[pa.RecordBatch], Doubles]:
    """Return what turns a batch's target into y; NaN where it is missing or no class of the model."""
    target = model.target
    kind = model.schema.column(target).input_type
    if not model.classes:
        return lambda batch: feeds_of(batch, {target: "float"})[target].reshape(-1).astype(np.float64)
    # Classes of a number column are its values as text; rows come as float32, so they meet there.
    indices = {np.float32(c) if kind == "float" else c: float(i) for i, c in enumerate(model.classes)}

    def read(batch: pa.RecordBatch) -> Doubles:
        values = feeds_of(batch, {target: kind})[target].reshape(-1)
        return np.array([indices.get(value, np.nan) for value in values], dtype=np.float64)

    return read


def _read_row_numbers(path: Path) -> npt.NDArray[np.int64]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return np.array([int(line["row"]) for line in csv.DictReader(file)], dtype=np.int64)
    except FileNotFoundError as error:
        raise BadCommand(
            f"There is no file {str(path)!r}.", remedy="Give --rows the path of a CSV."
        ) from error
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise BadCommand(
            f"{str(path)!r} holds no row numbers. Expected a CSV with a column `row` of whole numbers. "
            f"Received {error!s:.100}.",
            remedy="Give --rows a file such as the run's split/test_rows.csv.",
        ) from error


def _check_found(known: Sequence[Doubles], wanted: npt.NDArray[np.int64] | None, rows: int) -> None:
    if wanted is not None and len(wanted) and wanted.max() >= rows:
        raise BadCommand(
            f"--rows names rows that are not there. Expected numbers below {rows}. Received {wanted.max()}.",
            remedy="Give the data that the run was made with.",
        )
    if not known:
        raise BadData(
            "No row can be scored. Expected rows whose target is one of the model's answers. Received none.",
            remedy="Give data with the target column filled.",
        )
