"""Ledgers that a test left open are closed after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.search.made_search import OPENED


@pytest.fixture(autouse=True)
def _closed_ledgers() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()
