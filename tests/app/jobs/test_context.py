"""What a handler is given speaks and limits as its worker told it to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.jobs.context import Job
from store.folder import DataFolder
from tests.runs import SETTINGS


def job_in(folder: Path, heard: list[Any]) -> Job:
    return Job(
        id="0" * 16,
        kind="stub",
        subject="thing:1",
        attempt=1,
        arguments={},
        folder=folder,
        data=DataFolder(folder / "data"),
        settings=SETTINGS,
        emit=heard.append,
    )


def test_progress_is_an_event_with_its_words(tmp_path: Path) -> None:
    heard: list[Any] = []
    job_in(tmp_path, heard).progress(0.123456)
    job_in(tmp_path, heard).progress(0.5, "Reading")
    assert heard == [
        {"event": "progress", "share": 0.1235},
        {"event": "progress", "share": 0.5, "note": "Reading"},
    ]


def test_reading_keeps_to_the_settings_and_spills_into_the_job(tmp_path: Path) -> None:
    job = job_in(tmp_path, [])
    limits = job.limits(max_unpacked_bytes=7)
    assert (limits.memory_bytes, limits.threads) == (SETTINGS.memory_bytes, SETTINGS.threads)
    assert limits.temporary_folder == tmp_path / "tmp" and limits.max_unpacked_bytes == 7
    assert job.limits().max_unpacked_bytes > 7
