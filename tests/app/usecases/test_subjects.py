from __future__ import annotations

import pytest

from app.navigation import BY_NAME
from app.usecases.subjects import Jump, where
from store.jobs import JobRecord
from store.table import now


@pytest.mark.parametrize(
    ("subject", "jump"),
    [
        ("dataset:d1", Jump(page="dataset", params={"id": "d1"})),
        ("run:r1", Jump(page="walk", params={"run": "r1"})),
        ("service:a:b", Jump(page="service", params={"name": "a:b"})),
        ("dataset:", None),
        ("something", None),
    ],
)
def test_a_jobs_subject_has_its_page(subject: str, jump: Jump | None) -> None:
    job = JobRecord(
        id="j", kind="k", subject=subject, title="t", lane="data", created_by="u", created_at=now()
    )

    assert where(job) == jump
    assert jump is None or jump.page in BY_NAME
