"""Publishing leaves a proven file, and settling makes it a version of a model."""

from __future__ import annotations

import pytest

from app.jobs.kinds import KINDS, resolve
from store import models, run_records
from tests.app.jobs.handlers.conftest import ADA, Walk

pytestmark = pytest.mark.slow


def test_a_run_becomes_a_version(walk: Walk) -> None:
    box = walk.box
    assert walk.published.state == "succeeded" and walk.published.result["steps"][-1] == "publish"
    model = models.by_name(box.db, "tumours")
    assert model is not None
    version = models.version(box.db, model.id, 1)
    assert version is not None and (version.run_id, version.created_by) == (walk.run_id, ADA.id)
    assert (box.folder.model_version(model.id, 1) / "model.onnx").stat().st_size == version.bytes
    record = run_records.get(box.db, walk.run_id)
    assert record is not None and record.step == "publish"


def test_settling_twice_changes_nothing(walk: Walk) -> None:
    settle = resolve(next(kind.settle for kind in KINDS if kind.name == "publish_run"))
    settle(walk.box.db, walk.box.folder, walk.published)
    model = models.by_name(walk.box.db, "tumours")
    assert model is not None and len(models.versions(walk.box.db, model.id)) == 1
