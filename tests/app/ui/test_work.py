from __future__ import annotations

import pytest

from app.jobs.kinds import KINDS
from app.ui.work import job_label, kind_icon, kind_word
from store.jobs import JobRecord
from store.table import now


def test_every_kind_of_job_has_a_name_and_a_picture() -> None:
    for kind in KINDS:
        assert kind_word(kind.name) != kind.name
        assert kind_icon(kind.name) != kind_icon("no such kind")


@pytest.mark.parametrize(
    ("kind", "title", "label"),
    [
        ("import_dataset", "a*b", "Read a table: a\\*b"),
        ("train_run", "Train a*b", "Train a\\*b"),
    ],
)
def test_a_job_is_called_by_what_it_does_and_to_what(kind: str, title: str, label: str) -> None:
    job = JobRecord(
        id="j", kind=kind, subject="s", title=title, lane="data", created_by="u", created_at=now()
    )

    assert job_label(job) == label
