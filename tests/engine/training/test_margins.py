"""Margins are taken from answers that no model gave to rows it had learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from engine.evaluation.margins import fit_margins
from engine.specs.training import SelectedModel, TaskSpec
from engine.training.answers import ANSWERS, OUT_OF_FOLD, answers_table
from engine.training.candidates import REFIT
from engine.training.margins import answer_margins

TASK = TaskSpec(target="t", task="regression", metric="rmse")
Y = np.random.default_rng(0).normal(10.0, 3.0, 300)


def test_out_of_fold_answers_of_the_first_training_count(tmp_path: Path) -> None:
    scores = (Y + np.random.default_rng(1).normal(size=300))[:, None]
    for folder, file, shown in (
        ("one", ANSWERS, Y[:, None]),
        ("one", OUT_OF_FOLD, scores),
        (f"one{REFIT}", ANSWERS, Y[:, None]),
    ):
        (tmp_path / folder).mkdir(exist_ok=True)
        pq.write_table(answers_table(np.arange(300), ["valid"] * 300, Y, shown), tmp_path / folder / file)
    found = answer_margins((SelectedModel(candidate=f"one{REFIT}"),), tmp_path, TASK)
    assert found is not None and found == fit_margins(Y, scores)
    assert found.above[0] > 1.0, "the errors of rows that were learned from are 0"


def test_classes_have_no_margins(tmp_path: Path) -> None:
    task = TaskSpec(target="t", task="binary", metric="f1", classes=("no", "yes"))
    assert answer_margins((SelectedModel(candidate="none"),), tmp_path, task) is None
