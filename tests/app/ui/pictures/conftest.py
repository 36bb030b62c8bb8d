"""Pages over a box with a set of pictures."""

from __future__ import annotations

import pytest

from app.usecases.person import Person
from app.wiring import Appliance
from tests.pages.conftest import ada, box, open_page
from tests.pictured import put_pictures

__all__ = ["ada", "box", "open_page"]


@pytest.fixture
def digits(box: Appliance, ada: Person) -> str:
    """The id of a set of 80 pictures in ten classes; two files of its source were none."""
    return put_pictures(box, ada, count=80)
