"""The drawing marks what counts, hides nothing else, and holds no markup but its own."""

from __future__ import annotations

from xml.etree import ElementTree

from app.ui.pictures.overlay import overlay

SVG = "{http://www.w3.org/2000/svg}"


def test_the_place_that_counts_most_is_marked_most() -> None:
    drawing = ElementTree.fromstring(overlay("aGk=", 90, 60, [[0.0, 0.2, -0.3], [0.1, 0.8, 0.0]]))
    cells = [
        (float(cell.get("x", "")), float(cell.get("y", "")), float(cell.get("fill-opacity", "")))
        for cell in drawing.iter(f"{SVG}rect")
    ]
    assert [(x, y) for x, y, _ in cells] == [(30, 0), (0, 30), (30, 30)]
    assert max(cells, key=lambda cell: cell[2])[:2] == (30, 30)
    assert drawing.get("viewBox") == "0 0 90 60"


def test_a_picture_without_heat_is_shown_as_it_is() -> None:
    for heat in ((), [[-1.0, 0.0]]):
        drawing = ElementTree.fromstring(overlay("aGk=", 9, 9, heat))
        assert not list(drawing.iter(f"{SVG}rect"))
        (image,) = drawing.iter(f"{SVG}image")
        assert image.get("href") == "data:image/jpeg;base64,aGk="


def test_what_is_no_base64_stays_a_value() -> None:
    drawing = ElementTree.fromstring(overlay('"/><script>', 9, 9, ()))
    assert [element.tag for element in drawing] == [f"{SVG}image"]
