"""The steps of the walk on their own page, over a box in which people have walked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.wiring import Appliance
from tests.pages.conftest import ada, open_page
from tests.walked import walked, walked_box

__all__ = ["ada", "open_page", "walked", "walked_box"]

#: What a page says when an error came that nobody expected.
SURPRISE = "on our side"
Change = Callable[[], object]


@pytest.fixture
def box(walked_box: Appliance) -> Appliance:
    """The box that the pages work with."""
    return walked_box
