"""Part of a list is as large as a person reads, and begins where it can."""

from __future__ import annotations

import pytest

from app.usecases.listing import MOST_ITEMS, check_page
from app.usecases.refusals import Refusal


@pytest.mark.parametrize(("limit", "offset"), [(0, 0), (-1, 0), (MOST_ITEMS + 1, 0), (10, -1)])
def test_a_page_that_cannot_be_is_refused(limit: int, offset: int) -> None:
    with pytest.raises(Refusal) as refused:
        check_page(limit, offset)
    assert refused.value.status == 422 and refused.value.remedy


def test_a_page_that_can_be_passes() -> None:
    assert check_page(1, 0) is None and check_page(MOST_ITEMS, 10**9) is None
