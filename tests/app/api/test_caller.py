from __future__ import annotations

import pytest

from app.api.caller import REFUSALS
from tests.served import Client


@pytest.mark.slow
def test_nobody_calls_without_being_known(stranger: Client) -> None:
    assert stranger.call("GET", "/api/v1/account").status == 401


def test_refusals_are_documented() -> None:
    assert {401, 403, 404, 409, 422, 429} == set(REFUSALS)
