"""A data folder and its open database, for every test of the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Database
from store.folder import DataFolder


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A data folder that is not there yet; its path has a quote and letters beyond ASCII in it."""
    return DataFolder(tmp_path / "it's 数据")


@pytest.fixture
def db(folder: DataFolder) -> Iterator[Database]:
    """The open database of `folder`."""
    with Database.open(folder) as opened:
        yield opened
