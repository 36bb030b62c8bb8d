"""Fixtures that the tests of the use cases share."""

from __future__ import annotations

from tests.app.usecases.walking import box, dataset_id, imported, prepared, walked

__all__ = ["box", "dataset_id", "imported", "prepared", "walked"]
