"""The parity gate is asked about the rows that the trained models answered, each with its own answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.report.publish import native_answers
from engine.specs.training import SelectedModel
from engine.training.answers import ANSWERS


def keep(models: Path, name: str, rows: Sequence[int], scores: Sequence[float]) -> None:
    (models / name).mkdir()
    pq.write_table(pa.table({"_row": rows, "score_0": scores}), models / name / ANSWERS)


@pytest.mark.parametrize("weight", [1.0, 0.25])
def test_one_model_alone_keeps_rows_and_scores_paired(tmp_path: Path, weight: float) -> None:
    keep(tmp_path, "a", [7, 2, 5], [0.7, 0.2, 0.5])
    rows, scores = native_answers(tmp_path, [SelectedModel(candidate="a", weight=weight)])
    assert rows.tolist() == [2, 5, 7]
    np.testing.assert_allclose(scores[:, 0], [0.2, 0.5, 0.7])


def test_several_models_are_mixed_on_the_rows_they_share(tmp_path: Path) -> None:
    keep(tmp_path, "a", [7, 2, 5], [0.7, 0.2, 0.5])
    keep(tmp_path, "b", [5, 9, 7], [0.1, 0.9, 0.3])
    members = [SelectedModel(candidate="a", weight=3.0), SelectedModel(candidate="b", weight=1.0)]
    rows, scores = native_answers(tmp_path, members)
    assert rows.tolist() == [5, 7]
    np.testing.assert_allclose(scores[:, 0], [0.5 * 0.75 + 0.1 * 0.25, 0.7 * 0.75 + 0.3 * 0.25])
