"""The threshold is chosen on answers that no model gave to rows it had learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from engine.evaluation.thresholds import choose_threshold
from engine.specs.training import SelectedModel, TaskSpec
from engine.training.answers import ANSWERS, OUT_OF_FOLD, answers_table
from engine.training.candidates import REFIT
from engine.training.feature_rows import Doubles
from engine.training.labels import label_threshold

ROWS = 300
TASK = TaskSpec(target="t", task="binary", metric="f1", classes=("no", "yes"))
RNG = np.random.default_rng(0)
Y = (RNG.random(ROWS) < 0.3).astype(np.float64)


def write(folder: Path, sets: str = "valid", *, name: str = ANSWERS, seed: int = 0) -> Doubles:
    """Write answers of a model and return them."""
    rng = np.random.default_rng(seed)
    positive = np.clip(0.2 + 0.3 * Y + rng.normal(0.0, 0.15, ROWS), 0.0, 1.0)
    scores = np.column_stack((1.0 - positive, positive))
    folder.mkdir(exist_ok=True)
    pq.write_table(answers_table(np.arange(ROWS), [sets] * ROWS, Y, scores), folder / name)
    return scores


def test_a_blend_has_the_threshold_of_its_weighted_mean(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one", seed=1), write(tmp_path / "two", seed=2)
    members = (SelectedModel(candidate="one", weight=3.0), SelectedModel(candidate="two", weight=1.0))
    found = label_threshold(members, tmp_path, TASK)
    expected = choose_threshold(TASK, Y, 0.75 * one + 0.25 * two)
    assert found is not None and expected is not None
    assert found.value == pytest.approx(expected.value) and found.score == pytest.approx(expected.score)


def test_a_model_trained_again_keeps_what_its_first_training_answered(tmp_path: Path) -> None:
    scores = write(tmp_path / "one")
    write(tmp_path / f"one{REFIT}", seed=5)
    again = label_threshold((SelectedModel(candidate=f"one{REFIT}"),), tmp_path, TASK)
    assert again == choose_threshold(TASK, Y, scores)


def test_out_of_fold_answers_come_first(tmp_path: Path) -> None:
    write(tmp_path / "bag", "train", seed=3)
    scores = write(tmp_path / "bag", name=OUT_OF_FOLD, seed=4)
    assert label_threshold((SelectedModel(candidate="bag"),), tmp_path, TASK) == choose_threshold(
        TASK, Y, scores
    )


def test_other_tasks_read_nothing(tmp_path: Path) -> None:
    task = TaskSpec(target="t", task="regression", metric="rmse")
    assert label_threshold((SelectedModel(candidate="none"),), tmp_path, task) is None
