"""What a model answered is read back row for row, from the rows that judged it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from engine.training.answers import ANSWERS, OUT_OF_FOLD, answers_table, judging_answers

Y = np.array([0.0, 1.0, 1.0])
SCORES = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])


def test_rows_that_only_prove_the_file_judge_nothing(tmp_path: Path) -> None:
    pq.write_table(answers_table([7, 8, 9], ["valid", "train", "valid"], Y, SCORES), tmp_path / ANSWERS)
    y, scores = judging_answers(tmp_path, 100)
    assert y.tolist() == [0.0, 1.0]
    assert np.array_equal(scores, SCORES[[0, 2]])


def test_answers_out_of_fold_judge_where_there_are_any(tmp_path: Path) -> None:
    pq.write_table(answers_table([7, 8, 9], ["train"] * 3, Y, 1.0 - SCORES), tmp_path / ANSWERS)
    pq.write_table(answers_table([7, 8, 9], ["valid"] * 3, Y, SCORES), tmp_path / OUT_OF_FOLD)
    assert np.array_equal(judging_answers(tmp_path, 100)[1], SCORES)


def test_many_rows_are_thinned_evenly(tmp_path: Path) -> None:
    rows = np.arange(100)
    pq.write_table(
        answers_table(rows, ["valid"] * 100, rows.astype(float), rows[:, None] / 100), tmp_path / ANSWERS
    )
    assert judging_answers(tmp_path, 10)[0].tolist() == list(range(0, 100, 10))
