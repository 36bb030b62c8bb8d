"""The jobs of a run fail in a sentence when its folder is not what it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.jobs.context import Job
from app.jobs.handlers.steps import do_steps
from app.usecases.refusals import NotFound
from store.folder import DataFolder
from store.identifiers import new_id
from tests.runs import SETTINGS


def test_a_run_whose_folder_is_gone_is_said_so(tmp_path: Path) -> None:
    heard: list[object] = []
    job = Job(
        id=new_id(),
        kind="prepare_run",
        subject=f"run:{new_id()}",
        attempt=1,
        arguments={},
        folder=tmp_path,
        data=DataFolder(tmp_path / "data"),
        settings=SETTINGS,
        emit=heard.append,
    )
    with pytest.raises(NotFound) as refused:
        do_steps(job, "split")
    assert refused.value.remedy and heard == []
