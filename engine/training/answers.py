"""What a model answered, as kept beside its body: for the parity gate, and for judging and blending it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from engine.specs.training import SelectedModel
from engine.training.candidates import REFIT
from engine.training.feature_rows import Doubles

#: Answers of the body itself, to validation rows and to training rows as it will be served them.
ANSWERS = "valid.parquet"
#: Answers to every row by a model that never saw it, where the model was cross-validated.
OUT_OF_FOLD = "out_of_fold.parquet"


def answers_table(rows: Any, sets: Any, y: Doubles, scores: Doubles) -> pa.Table:
    """Return `_row`, `_set` (valid, or train: only for the parity gate), `_y`, `score_0`, `score_1` …

    Shapes: rows, sets and y (n,); scores (n, outputs).
    """
    named = {f"score_{i}": scores[:, i] for i in range(scores.shape[1])}
    return pa.table({"_row": rows, "_set": sets, "_y": y, **named})


def arrays_of(table: pa.Table, step: int = 1) -> tuple[Doubles, Doubles]:
    """Return y (n,) and scores (n, outputs) of every `step`-th row."""
    names = [name for name in table.column_names if name.startswith("score_")]
    scores = np.column_stack([table[name].to_numpy()[::step] for name in names])
    return table["_y"].to_numpy()[::step], scores


def judging_answers(folder: Path, most_rows: int) -> tuple[Doubles, Doubles]:
    """Return y (n,) and scores (n, outputs) on the rows that judge the model in `folder`, about `most_rows` at most.

    The rows are in one order for all models of a run.
    """
    crossed = folder / OUT_OF_FOLD
    table = pq.read_table(crossed if crossed.exists() else folder / ANSWERS, filters=[("_set", "=", "valid")])
    return arrays_of(table, max(1, table.num_rows // most_rows))


def mean_answers(members: Sequence[SelectedModel], models: Path, most_rows: int) -> tuple[Doubles, Doubles]:
    """Return y (n,) and the members' mean scores by weight (n, outputs) on about `most_rows` rows that judge.

    Only answers to rows that a model never learned from count: out-of-fold or validation answers, and those of the
    first training where a member was trained again on validation rows too.
    models: folder with one folder per candidate.
    """
    total = sum(member.weight for member in members)
    parts = [
        (judging_answers(models / member.candidate.removesuffix(REFIT), most_rows), member.weight / total)
        for member in members
    ]
    scores: Doubles = np.sum([scores * share for (_, scores), share in parts], axis=0)
    return parts[0][0][0], scores
