"""A picture with the places marked that an answer rests on."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

#: Of the place that counts most; others are fainter.
_MOST_OPAQUE = 0.62
_WARM = "#e0245e"


def overlay(jpeg: str, width: int, height: int, heat: Sequence[Sequence[float]]) -> str:
    """Return an SVG drawing of the picture, darkened but for where `heat` is warm; as it is without any heat.

    jpeg: its file in base64.   width, height: in pixels.   heat: rows of cells from the top left, of any unit; cells
    below zero speak against the answer and stay dark.
    """
    size = f'width="{width}" height="{height}"'
    marks = _marks(width, height, heat)
    source = quoteattr(f"data:image/jpeg;base64,{jpeg}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}">'
        f'<image href={source} {size} style="image-rendering:{"pixelated" if width < 64 else "auto"}"/>{marks}</svg>'
    )


def _marks(width: int, height: int, heat: Sequence[Sequence[float]]) -> str:
    most = max((cell for line in heat for cell in line), default=0.0)
    if most <= 0:
        return ""
    down, across = height / len(heat), width / len(heat[0])
    # Cells melt into each other: the patch that made the map was larger than one.
    blur = min(down, across) * 0.45
    cells = "".join(
        f'<rect x="{j * across:.2f}" y="{i * down:.2f}" width="{across:.2f}" height="{down:.2f}" '
        f'fill="{_WARM}" fill-opacity="{_MOST_OPAQUE * cell / most:.3f}"/>'
        for i, line in enumerate(heat)
        for j, cell in enumerate(line)
        if cell > 0
    )
    return (
        f'<defs><filter id="soft"><feGaussianBlur stdDeviation="{blur:.2f}"/></filter></defs>'
        f'<g filter="url(#soft)">{cells}</g>'
    )
