"""The refusal of a request that brings more than one request may."""

from __future__ import annotations

from engine.errors import BadData


class TooManyRows(BadData):
    """More rows than one request may bring."""
