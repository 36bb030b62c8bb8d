from __future__ import annotations

from app.jobs.kinds import KINDS
from app.ui.work import kind_icon, kind_word


def test_every_kind_of_job_has_a_name_and_a_picture() -> None:
    for kind in KINDS:
        assert kind_word(kind.name) != kind.name
        assert kind_icon(kind.name) != kind_icon("no such kind")
