"""Models that err apart are averaged; a model that adds nothing is left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.evaluation.metrics import metric
from engine.specs.training import Candidate, ModelRecord, TaskSpec
from engine.training.blend import MOST_BYTES, blend
from engine.training.workshop import BODY

TASK = TaskSpec(target="y", task="regression", metric="rmse")
Y = np.random.default_rng(0).normal(size=1_000)


def keep(models: Path, name: str, scores: np.ndarray) -> ModelRecord:
    folder = models / name
    folder.mkdir()
    table = {"_set": ["valid"] * len(Y), "_y": Y, "score_0": scores}
    pq.write_table(pa.table(table), folder / "valid.parquet")
    return ModelRecord(
        candidate=Candidate(id=name, family="linear"),
        score=metric("rmse").value(Y, scores[:, None]),
        train_score=None,
        metrics={},
        seconds=1.0,
        rows=len(Y),
        features=1,
    )


def noisy(seed: int, size: float) -> np.ndarray:
    return Y + size * np.random.default_rng(seed).normal(size=len(Y))


def test_models_that_err_apart_beat_the_best(tmp_path: Path) -> None:
    records = [keep(tmp_path, f"m{seed}", noisy(seed, 0.5)) for seed in (1, 2)]
    weights, score = blend(records, tmp_path, TASK)
    assert set(weights) == {"m1", "m2"}
    assert abs(sum(weights.values()) - 1.0) < 1e-9
    assert score < min(record.score for record in records) * 0.8


def test_a_bad_model_is_left_out(tmp_path: Path) -> None:
    records = [keep(tmp_path, "good", noisy(1, 0.1)), keep(tmp_path, "bad", noisy(2, 5.0))]
    assert blend(records, tmp_path, TASK) == ({"good": 1.0}, records[0].score)


def test_a_copy_adds_nothing(tmp_path: Path) -> None:
    records = [keep(tmp_path, "one", noisy(1, 0.5)), keep(tmp_path, "copy", noisy(1, 0.5))]
    assert blend(records, tmp_path, TASK)[0] == {"one": 1.0}


@pytest.mark.parametrize(("fold_scores", "most"), [((), 3), ((0.5, 0.5), 4)])
def test_few_models_are_joined(tmp_path: Path, fold_scores: tuple[float, ...], most: int) -> None:
    records = [
        replace(keep(tmp_path, f"m{seed}", noisy(seed, 0.5)), fold_scores=fold_scores) for seed in range(1, 7)
    ]
    assert len(blend(records, tmp_path, TASK)[0]) == most


def crossed(record: ModelRecord, family: str) -> ModelRecord:
    return replace(
        record, fold_scores=(record.score,) * 5, candidate=replace(record.candidate, family=family)
    )


def test_the_simplest_as_good_as_the_best_keeps_a_quarter_where_rows_are_few(tmp_path: Path) -> None:
    records = [
        crossed(keep(tmp_path, "deep", noisy(1, 0.5)), "lightgbm"),
        crossed(keep(tmp_path, "plain", noisy(3, 0.5)), "linear"),
        crossed(keep(tmp_path, "poor", noisy(2, 0.9)), "decision_tree"),
    ]
    weights, score = blend(records, tmp_path, TASK)
    assert weights["plain"] >= 0.25 and "deep" in weights
    assert score < min(record.score for record in records)


def test_a_simple_model_that_is_clearly_worse_keeps_nothing(tmp_path: Path) -> None:
    records = [
        crossed(keep(tmp_path, "deep", noisy(1, 0.1)), "lightgbm"),
        crossed(keep(tmp_path, "plain", noisy(2, 2.0)), "linear"),
    ]
    assert blend(records, tmp_path, TASK)[0] == {"deep": 1.0}


def test_what_adds_nothing_to_the_simplest_is_left_out(tmp_path: Path) -> None:
    records = [
        crossed(keep(tmp_path, "deep", noisy(1, 0.5)), "lightgbm"),
        crossed(keep(tmp_path, "plain", noisy(1, 0.5)), "linear"),
    ]
    assert blend(records, tmp_path, TASK)[0] == {"plain": 1.0}


def test_a_model_that_makes_the_file_too_large_is_not_joined(tmp_path: Path) -> None:
    records = [keep(tmp_path, f"m{seed}", noisy(seed, 0.5)) for seed in (1, 2, 3)]
    for name, share in (("m1", 0.6), ("m2", 0.6), ("m3", 0.3)):
        with (tmp_path / name / BODY).open("wb") as file:
            file.truncate(int(share * MOST_BYTES))
    weights, _ = blend(records, tmp_path, TASK)
    assert len(weights) == 2 and "m3" in weights


def test_guessing_has_no_share_unless_it_is_the_best(tmp_path: Path) -> None:
    rash = keep(tmp_path, "rash", 3.0 * noisy(1, 0.3))
    guessing = keep(tmp_path, "guess", np.zeros(len(Y)))
    guessing = replace(guessing, candidate=replace(guessing.candidate, family="baseline"))
    knowing = keep(tmp_path, "knowing", 1.5 * noisy(2, 0.3))
    assert blend([rash, guessing], tmp_path, TASK)[0]["guess"] > 0.0
    assert "guess" not in blend([knowing, guessing], tmp_path, TASK)[0]


def test_what_is_little_better_than_guessing_has_no_share(tmp_path: Path) -> None:
    """Half of the gain is not enough, however well its errors fall."""
    guessing = keep(tmp_path, "guess", np.zeros(len(Y)))
    guessing = replace(guessing, candidate=replace(guessing.candidate, family="baseline"))
    error = 0.5 * np.random.default_rng(4).normal(size=len(Y))
    best, half = keep(tmp_path, "best", Y + error), keep(tmp_path, "half", Y - 1.2 * error - 0.5)
    assert set(blend([best, half], tmp_path, TASK)[0]) == {"best", "half"}
    assert blend([best, half, guessing], tmp_path, TASK)[0] == {"best": 1.0}
