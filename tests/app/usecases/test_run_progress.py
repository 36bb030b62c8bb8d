"""The events of a run, followed: nothing lost, nothing twice, bounded, and a torn line waits."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usecases.run_progress import (
    MOST_LOG_LINES,
    MOST_POINTS,
    Journal,
    Journals,
    ModelProgress,
    RunProgress,
)


def line(**event: Any) -> bytes:
    return json.dumps({"time": "2026-01-01T00:00:00+00:00", "elapsed_s": 1.0, **event}).encode() + b"\n"


def progress_event(share: float, **more: Any) -> dict[str, Any]:
    told = {"candidate": "lightgbm", "family": "lightgbm", "share": share, "train": 1.0, "valid": 2.0}
    return {"event": "model_progress", **told, **more}


STORY = [
    line(event="step_started", step="training", title="Training"),
    line(event="model_started", candidate="linear", family="linear"),
    line(event="model_progress", candidate="linear", family="linear", share=0.5, train=0.4, valid=0.5),
    line(event="model_finished", candidate="linear", family="linear", score=0.9, train=0.95, seconds=1.5),
    line(event="model_failed", candidate="svm", family="svm", reason="too many 行"),
    line(event="step_finished", step="training", title="Training", summary="done", seconds=2.0),
]


@given(st.lists(st.integers(0, sum(map(len, STORY))), max_size=12))
def test_a_file_read_in_any_pieces_tells_the_same(cuts: list[int]) -> None:
    whole, pieces = RunProgress(), RunProgress()
    for one in STORY:
        whole.add(json.loads(one))
    text = b"".join(STORY)
    path = Path("/dev/shm") / f"aimass-test-journal-{id(cuts)}"
    try:
        path.write_bytes(b"")
        journal = Journal(path)
        for cut in sorted({*cuts, len(text)}):
            with path.open("ab") as file:
                file.write(text[path.stat().st_size : cut])
            with journal as pieces:
                pass
    finally:
        path.unlink(missing_ok=True)
    assert pieces.models == whole.models and list(pieces.log) == list(whole.log)
    assert pieces.steps == whole.steps and pieces.models["linear"].score == 0.9


def test_the_score_of_one_fold_counts_while_a_model_waits_only() -> None:
    progress = RunProgress()
    about = {"candidate": "svm", "family": "svm"}
    progress.add({"event": "model_started", **about})
    progress.add({"event": "model_tried", **about, "score": 0.7, "seconds": 1.5})
    model = progress.models["svm"]
    assert (model.state, model.score, model.stopped) == ("waiting", 0.7, "waiting")
    progress.add({"event": "model_skipped", **about, "reason": "The time for training is over."})
    assert (model.state, model.score, model.stopped) == ("skipped", None, None)


@pytest.mark.parametrize("count", [1, MOST_POINTS - 1, MOST_POINTS, 5_000, 33_333])
def test_a_long_curve_is_thinned_evenly_and_keeps_its_ends(count: int) -> None:
    model = ModelProgress("lightgbm", "lightgbm")
    for number in range(count):
        model.tell(progress_event((number + 1) / count))
    shares = [share for share, _, _ in model.points]
    assert len(shares) <= MOST_POINTS and shares[-1] == 1.0 and shares[0] == 1 / count
    steps = [b - a for a, b in pairwise(shares)][:-1]
    assert not steps or max(steps) - min(steps) < 1e-6
    assert len(shares) >= min(count, MOST_POINTS // 2)


def test_of_several_folds_the_first_is_drawn() -> None:
    model = ModelProgress("lightgbm", "lightgbm")
    for fold in (1, 2, 1):
        for share in (0.5, 1.0):
            model.tell(progress_event(share / 10 * fold, within=share, fold=fold))
    assert model.fold == 1 and [share for share, _, _ in model.points] == [0.5, 1.0]


def test_a_killed_model_starts_its_curve_again_and_a_finished_one_keeps_it() -> None:
    progress = RunProgress()
    for event in (
        {"event": "model_started", "candidate": "lightgbm", "family": "lightgbm"},
        progress_event(0.1),
        {"event": "model_started", "candidate": "lightgbm", "family": "lightgbm"},
        progress_event(0.2),
        {
            "event": "model_finished",
            "candidate": "lightgbm",
            "family": "lightgbm",
            "score": 1.0,
            "seconds": 2,
        },
        {"event": "model_kept", "candidate": "lightgbm", "family": "lightgbm", "score": 1.0, "seconds": 2},
    ):
        progress.add(event)
    model = progress.models["lightgbm"]
    assert [share for share, _, _ in model.points] == [0.2] and model.state == "finished"
    assert sum("1 in 2.0 s" in text for text in progress.log) == 1


def test_forgotten_steps_take_their_models_along() -> None:
    progress = RunProgress()
    for one in STORY:
        progress.add(json.loads(one))
    progress.add({"event": "steps_forgotten", "steps": ["evaluation", "publish"], "elapsed_s": 0.5})
    assert progress.models and "training" in progress.steps and progress.elapsed_s == 0.5
    progress.add({"event": "steps_forgotten", "steps": ["training", "evaluation", "publish"]})
    assert not progress.models and not progress.steps


def test_a_model_trained_again_on_fewer_rows_is_a_line_and_no_model() -> None:
    progress = RunProgress()
    progress.add({"event": "part_finished", "rows": 1250})
    progress.add({"event": "part_finished", "candidate": "svm", "family": "svm", "rows": 1250, "score": 0.75})
    (told,) = progress.log
    assert "trained again on 1,250 rows" in told and told.endswith(": 0.75") and not progress.models


def test_what_failed_is_known_until_it_is_begun_again() -> None:
    progress = RunProgress()
    progress.add({"event": "step_started", "step": "split"})
    progress.add({"event": "run_failed", "message": "No."})
    assert (progress.failed_step, progress.step) == ("split", "")
    progress.add({"event": "step_started", "step": "split"})
    assert progress.failed_step == ""


def test_strange_lines_do_no_harm_and_the_log_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(
        b'[]\nnull\n"x"\n\xff\xfe\n{"event": 3}\n{}\n' + line(event="model_progress") + STORY[0] * 1_000
    )
    with Journal(path) as progress:
        assert progress.step == "training" and len(progress.log) == MOST_LOG_LINES


def test_a_new_file_under_the_same_name_is_read_from_its_start(tmp_path: Path) -> None:
    journals = Journals()
    (tmp_path / "events.jsonl").write_bytes(b"".join(STORY))
    with journals.of(tmp_path) as progress:
        assert progress.models
    (tmp_path / "events.jsonl").unlink()
    (tmp_path / "events.jsonl").write_bytes(STORY[0])
    with journals.of(tmp_path) as progress:
        assert not progress.models and progress.step == "training"
