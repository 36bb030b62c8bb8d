"""The same server and browsers as the tests of the web."""

from __future__ import annotations

from tests.app.web.conftest import admin, served, stranger

__all__ = ["admin", "served", "stranger"]
