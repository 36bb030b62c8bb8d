"""A finished model is known by its record, and its bodies are found whether it is one model or a bag."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.files import write_json
from engine.specs.codec import to_json
from engine.specs.training import Candidate, ModelRecord
from engine.training.workshop import BODY, RECORD, bodies, fold_body, read_record, report_to

CANDIDATE = Candidate(id="one", family="linear")


def test_only_a_whole_folder_holds_a_finished_model(tmp_path: Path) -> None:
    assert read_record(tmp_path) is None
    record = ModelRecord(
        candidate=CANDIDATE, score=0.5, train_score=None, metrics={}, seconds=1.0, rows=1, features=1
    )
    write_json(tmp_path / RECORD, to_json(record))
    assert read_record(tmp_path) == record


def test_a_model_has_one_body_and_a_bag_one_per_fold_in_order(tmp_path: Path) -> None:
    assert bodies(tmp_path) == ()
    names = [fold_body(fold) for fold in range(5)]
    for name in reversed(names):
        (tmp_path / name).touch()
    assert [path.name for path in bodies(tmp_path)] == names
    (tmp_path / BODY).touch()
    assert bodies(tmp_path) == (tmp_path / BODY,)


@pytest.mark.parametrize(("loss", "told"), [(0.25, 0.25), (float("nan"), None), (float("inf"), None)])
def test_progress_counts_all_trainings_and_tells_no_loss_that_is_not_known(
    loss: float, told: float | None
) -> None:
    events: list[dict[str, Any]] = []
    report_to(events.append, CANDIDATE, done=2, of=5, fold=3)(0.5, loss, 1.0)
    (event,) = events
    assert (event["candidate"], event["share"], event["within"], event["fold"]) == ("one", 0.5, 0.5, 3)
    assert (event["train"], event["valid"]) == (told, 1.0)
