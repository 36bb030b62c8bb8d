"""How sure the answer sounds and what it names is settled on answers that no model gave to rows it had learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from engine.evaluation.formulas import log_loss
from engine.evaluation.margins import fit_margins
from engine.evaluation.temperature import choose_temperature, tempered
from engine.evaluation.thresholds import choose_threshold
from engine.specs.training import Candidate, ModelRecord, SelectedModel, Selection, TaskSpec
from engine.training.answers import ANSWERS, OUT_OF_FOLD, answers_table
from engine.training.candidates import REFIT
from engine.training.feature_rows import Doubles
from engine.training.settle import settle_answer, settle_each_alone

ROWS = 300
TASK = TaskSpec(target="t", task="binary", metric="f1", classes=("no", "yes"))
NUMBER = TaskSpec(target="t", task="regression", metric="rmse")
RNG = np.random.default_rng(0)
Y = (RNG.random(ROWS) < 0.3).astype(np.float64)
VALUES = RNG.normal(10.0, 3.0, ROWS)


def write(
    folder: Path, scores: Doubles | None = None, *, sets: str = "valid", name: str = ANSWERS, seed: int = 0
) -> Doubles:
    """Write answers of a model and return them."""
    if scores is None:
        positive = np.clip(0.2 + 0.3 * Y + np.random.default_rng(seed).normal(0.0, 0.15, ROWS), 0.0, 1.0)
        scores = np.column_stack((1.0 - positive, positive))
    truth = Y if scores.shape[1] == 2 else VALUES
    folder.mkdir(exist_ok=True)
    pq.write_table(answers_table(np.arange(ROWS), [sets] * ROWS, truth, scores), folder / name)
    return scores


def settled(models: Path, task: TaskSpec = TASK, **weights: float) -> Selection:
    members = tuple(SelectedModel(candidate=name, weight=weight) for name, weight in weights.items())
    return settle_answer(Selection(members=members, score=0.5), models, task)


def test_a_blend_is_settled_by_its_weighted_mean(tmp_path: Path) -> None:
    mean = 0.75 * write(tmp_path / "one", seed=1) + 0.25 * write(tmp_path / "two", seed=2)
    found = settled(tmp_path, one=3.0, two=1.0)
    temperature = choose_temperature(TASK, Y, mean)
    expected = choose_threshold(TASK, Y, tempered(mean, temperature))
    assert found.temperature == temperature
    assert found.threshold is not None and expected is not None
    assert found.threshold.value == pytest.approx(expected.value)
    assert found.margins is None


def test_a_model_trained_again_keeps_what_its_first_training_answered(tmp_path: Path) -> None:
    write(tmp_path / "one")
    write(tmp_path / f"one{REFIT}", seed=5)
    first, again = settled(tmp_path, one=1.0), settled(tmp_path, **{f"one{REFIT}": 1.0})
    assert (again.threshold, again.temperature) == (first.threshold, first.temperature)


def test_out_of_fold_answers_come_first(tmp_path: Path) -> None:
    write(tmp_path / "bag", sets="train", seed=3)
    scores = write(tmp_path / "bag", name=OUT_OF_FOLD, seed=4)
    found = settled(tmp_path, bag=1.0)
    assert found.threshold == choose_threshold(TASK, Y, tempered(scores, found.temperature))


def test_probabilities_that_say_too_little_are_made_bolder_and_the_score_follows(tmp_path: Path) -> None:
    task = TaskSpec(target="t", task="binary", metric="log_loss", classes=("no", "yes"))
    tame = write(tmp_path / "tame", np.column_stack((0.6 - 0.2 * Y, 0.4 + 0.2 * Y)))
    found = settled(tmp_path, task, tame=1.0)
    assert found.temperature is not None and found.temperature < 1.0
    assert found.score == pytest.approx(log_loss(Y, tempered(tame, found.temperature)))
    assert found.score < log_loss(Y, tame)


def test_a_number_gets_margins_from_rows_that_were_not_learned_from(tmp_path: Path) -> None:
    scores = (VALUES + np.random.default_rng(1).normal(size=ROWS))[:, None]
    write(tmp_path / "one", VALUES[:, None])
    write(tmp_path / "one", scores, name=OUT_OF_FOLD)
    write(tmp_path / f"one{REFIT}", VALUES[:, None])
    found = settled(tmp_path, NUMBER, **{f"one{REFIT}": 1.0})
    assert found.margins is not None and found.margins == fit_margins(VALUES, scores)
    assert found.margins.above[0] > 1.0, "the errors of rows that were learned from are 0"
    assert (found.temperature, found.threshold, found.score) == (None, None, 0.5)


def test_yardsticks_are_settled_each_by_itself(tmp_path: Path) -> None:
    write(tmp_path / "one", seed=1), write(tmp_path / "two", seed=2)
    records = {
        kind: ModelRecord(
            candidate=Candidate(id=name, family=kind), score=0.5, train_score=None, metrics={}, seconds=1.0,
            rows=1, features=1,
        )
        for kind, name in (("baseline", "one"), ("linear", "two"))
    }  # fmt: skip
    found = settle_each_alone(records, tmp_path, TASK)
    assert found == {"baseline": settled(tmp_path, one=1.0), "linear": settled(tmp_path, two=1.0)}
    assert settle_each_alone(records, tmp_path, NUMBER)["linear"].margins is None
