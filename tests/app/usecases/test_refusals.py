"""Each refusal has its own HTTP status, and every other error one that says who has to act."""

from __future__ import annotations

import pytest

from app.usecases.refusals import Conflict, Forbidden, NotFound, NotSignedIn, TooLarge, http_status
from engine.errors import AimassError, BadData, WorkFailed


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("?", remedy="."), 404),
        (NotSignedIn("?", remedy="."), 401),
        (Forbidden("?", remedy="."), 403),
        (Conflict("?", remedy="."), 409),
        (TooLarge("?", remedy="."), 413),
        (BadData("?", remedy="."), 422),
        (WorkFailed("?", remedy="."), 500),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, AimassError) else str(value),
)
def test_an_error_has_one_status(error: AimassError, status: int) -> None:
    assert http_status(error) == status
