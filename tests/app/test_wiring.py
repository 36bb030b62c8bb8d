from __future__ import annotations

from pathlib import Path

import pytest

from app import wiring
from app.settings import ServeSettings, Settings
from store.folder import DataFolder


def test_a_box_is_built_once_and_found_from_everywhere(tmp_path: Path) -> None:
    box = wiring.build(DataFolder(tmp_path / "data"), Settings(threads=1, memory_gib=0.5), ServeSettings())
    try:
        wiring.use(box)
        assert wiring.appliance() is box
        assert box.folder.database.exists()
        assert box.started_at.tzinfo is not None
    finally:
        wiring.use(None)
        box.db.close()


def test_without_a_server_there_is_none() -> None:
    wiring.use(None)
    with pytest.raises(LookupError, match="No appliance"):
        wiring.appliance()
