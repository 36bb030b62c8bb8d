"""Each error of the engine has its status, and what is ours to know stays ours."""

from __future__ import annotations

import pytest

from app.inference.refused import Refused, not_found, refused_as, too_large
from engine.errors import BadData, BadModel, WorkFailed
from engine.serving.session import Stopped
from engine.serving.too_many import TooManyRows


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BadData("Row 3 …", remedy="Mend it."), 422, "bad_rows"),
        (TooManyRows("Too many.", remedy="Fewer."), 413, "too_large"),
        (Stopped("Too long.", remedy="Fewer."), 504, "deadline"),
        (WorkFailed("secret /path", remedy="x"), 500, "model_failed"),
        (BadModel("secret /path", remedy="x"), 500, "model_failed"),
        (ValueError("secret /path"), 500, "internal"),
        (not_found("model", "x"), 404, "not_found"),
        (too_large("much"), 413, "too_large"),
    ],
)
def test_the_status_of_an_error(error: Exception, status: int, code: str) -> None:
    refused = refused_as(error)
    assert (refused.status, refused.code) == (status, code)
    assert "secret" not in str(refused)


def test_a_refusal_stays_itself_and_long_names_are_cut() -> None:
    refused = Refused("no", remedy="Ask again.", status=418)
    assert refused_as(refused) is refused
    assert len(not_found("model", "x" * 10_000).message) < 200
