"""The catalogue of kinds is whole: every name leads to a function, every handler has its row."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.jobs.kinds import KINDS, JobKind, resolve
from app.jobs.leases import LANES


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_has_a_lane_a_title_and_its_functions(kind: JobKind) -> None:
    assert kind.lane in LANES and kind.title
    assert resolve(kind.work).__doc__
    assert not kind.settle or resolve(kind.settle).__doc__


def test_names_are_unique_and_each_handler_is_named_after_its_kind(repository: Path) -> None:
    names = [kind.name for kind in KINDS]
    assert len(set(names)) == len(names)
    shared = {"__init__", "steps"}
    assert {path.stem for path in (repository / "app/jobs/handlers").glob("*.py")} - shared == set(names)
    assert [kind.work for kind in KINDS] == [f"app.jobs.handlers.{name}:{name}" for name in names]


def test_what_is_not_there_is_not_resolved() -> None:
    with pytest.raises(ImportError):
        resolve("app.jobs.handlers.nothing:nothing")
    with pytest.raises(AttributeError):
        resolve("app.jobs.kinds:nothing")
