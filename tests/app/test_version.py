"""The version is one that packaging tools understand."""

from __future__ import annotations

import re

from app.version import aimass_version


def test_the_version_is_a_version() -> None:
    assert re.fullmatch(r"\d+(\.\d+)*", aimass_version())
