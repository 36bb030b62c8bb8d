"""Events become words a person can follow; nothing from the data is read as markup."""

from __future__ import annotations

import io

from app.progress import RunProgress, ShareProgress


def shown(*events: dict[str, object]) -> str:
    stream = io.StringIO()
    with RunProgress(stream, time_limit_s=60.0) as progress:
        for event in events:
            progress({"elapsed_s": 1.0, **event})
    return stream.getvalue()


def test_steps_and_models_leave_a_line_each() -> None:
    text = shown(
        {"event": "step_started", "title": "Training"},
        {"event": "model_started", "candidate": "linear-l1"},
        {"event": "model_progress", "candidate": "linear-l1", "share": 0.5, "valid": 0.25},
        {"event": "model_finished", "candidate": "linear-l1", "score": 0.91234567, "seconds": 1.5},
        {"event": "model_failed", "candidate": "svm", "reason": "too many rows"},
        {"event": "model_kept", "candidate": "mlp", "score": 0.5},
        {"event": "part_finished", "candidate": "svm", "rows": 2000, "score": 0.75},
        {"event": "step_finished", "title": "Training", "summary": "done well"},
        {"event": "step_kept", "title": "Import"},
        {"event": "of_another_kind"},
    )
    assert "linear-l1  0.91235  in 1.5 s" in text
    assert "mlp  0.5  kept" in text
    assert "too many rows" in text
    assert "svm on 2,000 rows  0.75" in text
    assert "Training  done well" in text
    assert "Import  kept from the earlier attempt" in text


def test_markup_in_the_data_is_shown_as_it_is() -> None:
    text = shown({"event": "step_finished", "title": "Import", "summary": "column [red]x[/] [bold"})
    assert "column [red]x[/] [bold" in text


def test_without_a_terminal_a_share_writes_nothing() -> None:
    stream = io.StringIO()
    with ShareProgress(stream, "Predicting") as progress:
        progress(0.5)
    assert stream.getvalue().strip() == ""
