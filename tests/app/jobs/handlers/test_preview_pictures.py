"""A worker varies a run's own pictures, so that people see what training sees."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.jobs.handlers.preview_pictures import PICTURES, TIMES
from app.settings import ServeSettings
from app.usecases.picture_plan import ask_preview, preview_of, preview_picture
from app.usecases.runs import create_run
from app.wiring import Appliance, build
from store.folder import DataFolder
from tests.app.jobs.handlers.conftest import ADA, ended
from tests.app.usecases.walking import work_through
from tests.pictured import put_pictures
from tests.runs import SETTINGS

pytestmark = pytest.mark.slow


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Appliance]:
    folder = DataFolder(tmp_path / "data")
    folder.create()
    made = build(folder, SETTINGS, ServeSettings())
    yield made
    made.jobs.close()
    made.db.close()


def test_pictures_stand_beside_what_training_makes_of_them(box: Appliance) -> None:
    run = create_run(box, ADA, put_pictures(box, ADA, count=120), target="label")
    work_through(box, run.id)

    done = ended(box, ask_preview(box, ADA, run.id))

    assert done.state == "succeeded", done
    assert done.result == {"pictures": PICTURES * (TIMES + 1), "times": TIMES}
    found = preview_of(box, ADA, run.id)
    assert found is not None and found.id == done.id
    first, second = (_pixels(preview_picture(box, ADA, done.id, number)) for number in (0, 1))
    assert first.shape == second.shape == (32, 32, 3)
    assert np.abs(first - second).mean() > 2, "it was varied"


def _pixels(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture.convert("RGB"), np.float64)
