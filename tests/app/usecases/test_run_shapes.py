"""The sizes that choices rest on before features are made come near those that features then have."""

from __future__ import annotations

import pytest

from app.usecases.pipeline import continue_run
from app.usecases.refusals import Conflict
from app.usecases.run_files import RunFiles
from app.usecases.run_shapes import estimated_shapes
from app.wiring import Appliance
from engine.files import read_json
from store.run_records import RunRecord
from tests.runs import SETTINGS


@pytest.mark.slow
def test_widths_are_estimated_a_little_large(box: Appliance, prepared: RunRecord) -> None:
    files = RunFiles(box.folder.run(prepared.id))
    guessed = estimated_shapes(files)
    continue_run(files.folder, SETTINGS, lambda event: None, until="models")
    for view, shape in guessed.by_view.items():
        width = len(read_json(files.paths.features / view / "view.json")["columns"])
        assert width <= shape.features <= 1.5 * width + 10, view
        assert shape.rows == files.divided.rows["train"] if files.divided else False


def test_nothing_is_known_before_the_split(box: Appliance, prepared: RunRecord) -> None:
    files = RunFiles(box.folder.run(prepared.id))
    files.paths.split.rename(files.paths.split.with_name(".tmp-away"))
    with pytest.raises(Conflict, match="not prepared"):
        estimated_shapes(files)
