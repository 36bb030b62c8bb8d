from __future__ import annotations

import struct
from xml.etree import ElementTree

import pytest

from app.ui.brand import STATIC
from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


def test_the_mark_is_drawn(draw: Draw) -> None:
    assert not draw("from app.ui.brand import draw_mark\ndraw_mark()").exception


def test_the_pictures_are_whole() -> None:
    for name in ("logo.svg", "mark.svg"):
        root = ElementTree.parse(STATIC / name).getroot()
        assert len(root.findall(".//{http://www.w3.org/2000/svg}circle")) == 9
    head = (STATIC / "icon.png").read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:24]) == (192, 192)
