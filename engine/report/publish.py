"""Publish a run's model: through the parity gate, into one file, with its latency measured."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import onnx
import pyarrow as pa
import pyarrow.parquet as pq

from engine.evaluation.temperature import tempered
from engine.export.parity import Parity, check_parity
from engine.export.publish import publish, serialise
from engine.modalities.table import open_database
from engine.report.assemble import Findings, model_card
from engine.run import Run
from engine.serving.model import ServedModel
from engine.serving.session import Session
from engine.serving.stored_rows import rows_of_set, stream_rows
from engine.specs.report import ModelFile
from engine.specs.training import SelectedModel
from engine.training.answers import ANSWERS

#: Golden rows are chosen, and latency is measured, among as many.
SAMPLE_ROWS = 1_000
LATENCY_REPEATS = 9


def publish_proven(run: Run, found: Findings, model: onnx.ModelProto) -> tuple[ModelFile, Parity]:
    """Write the run's model.onnx, if it answers the gate's raw rows as the trained models did.

    Raises: ParityFailed when it does not; WorkFailed or BadModel when the file cannot be what it must be.
    """
    content = serialise(model)
    columns = list(Session(content).inputs())
    rows, native = native_answers(run.paths.models, found.selection.members)
    with open_database(run.limits) as connection:
        connection.register("gate", pa.table({"_row": rows}))
        parity = check_parity(
            content,
            _rows(run, connection, "SELECT _row FROM gate", columns),
            tempered(native, found.selection.temperature),
            task=run.task.task,
            threshold=found.selection.threshold.value if found.selection.threshold else None,
            margins=found.selection.margins,
        )
        run.progress(0.6)
        query = rows_of_set(run.paths.split_rows, "train", limit=SAMPLE_ROWS)
        sample = _one_batch(_rows(run, connection, query, columns))
    facts = publish(
        model,
        schema=found.schema,
        task=found.task,
        card=model_card(found, parity),
        rows=sample,
        version=run.version,
        path=run.paths.model,
    )
    served = ServedModel.open(run.paths.model)
    file = ModelFile(
        name=run.paths.model.name,
        size_bytes=facts.size_bytes,
        sha256=facts.sha256,
        inputs=dict(facts.inputs),
        golden_rows=facts.golden_rows,
        single_row_ms=_latency_ms(served, sample.slice(0, 1), run.clock),
        thousand_rows_ms=_latency_ms(served, sample, run.clock) * SAMPLE_ROWS / max(1, sample.num_rows),
    )
    return file, parity


def native_answers(
    models: Path, members: Sequence[SelectedModel]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the rows of the gate in file order and what the trained models themselves answered on them.

    Shapes: rows (n,); scores (n, outputs), the members' mean by weight. Only rows that every member answered count.
    """
    total = sum(member.weight for member in members)
    answers: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]] = []
    for member in members:
        table = pq.read_table(models / member.candidate / ANSWERS)
        rows = table["_row"].to_numpy().astype(np.int64)
        names = sorted((n for n in table.column_names if n.startswith("score_")), key=lambda n: int(n[6:]))
        scores = np.column_stack([table[name].to_numpy() for name in names])
        answers.append((rows, scores * (member.weight / total)))
    # A copy: with one member `reduce` gives that member's own array, whose order still pairs rows with scores.
    shared = np.sort(reduce(np.intersect1d, (rows for rows, _ in answers)))
    mixed = np.zeros((len(shared), answers[0][1].shape[1]))
    for rows, scores in answers:
        order = np.argsort(rows)
        mixed += scores[order][np.searchsorted(rows[order], shared)]
    return shared, mixed


def _rows(
    run: Run, connection: duckdb.DuckDBPyConnection, query: str, columns: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    return stream_rows(connection, run.paths.data, run.schema, query, columns=columns)


def _one_batch(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch:
    return pa.Table.from_batches(list(batches)).combine_chunks().to_batches()[0]


def _latency_ms(model: ServedModel, rows: pa.RecordBatch, clock: Callable[[], float]) -> float:
    model.predict(rows)
    times = []
    for _ in range(LATENCY_REPEATS):
        start = clock()
        model.predict(rows)
        times.append(1000 * (clock() - start))
    return round(statistics.median(times), 4)
