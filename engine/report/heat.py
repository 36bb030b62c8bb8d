"""Draw a map of where a model looks: a few cells of colour, laid over the picture and stretched by whoever shows it."""

from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
from PIL import Image

from engine.specs.picture_findings import Heat

#: Seen on light and dark pictures alike, also by those who cannot tell red from green.
_COLOUR = (255, 90, 0)
_MOST_COVER = 0.72


def heat_png(heat: Heat) -> bytes:
    """Return the map as a PNG of one pixel per cell: clear where hiding changes nothing or helps, warm where it hurts.

    The warmest cell of each map is equally warm.   heat: at least one cell.
    """
    cells = np.maximum(np.asarray(heat, dtype=np.float64), 0.0)
    most = float(cells.max())
    pixels = np.zeros((*cells.shape, 4), dtype=np.uint8)
    pixels[..., :3] = _COLOUR
    if most > 0.0:
        pixels[..., 3] = np.rint(255.0 * _MOST_COVER * cells / most)
    file = BytesIO()
    Image.fromarray(pixels, "RGBA").save(file, "PNG")
    return file.getvalue()


def heat_address(heat: Heat) -> str:
    """Return the map as an address that holds it (`data:`); "" for none."""
    return f"data:image/png;base64,{base64.b64encode(heat_png(heat)).decode()}" if heat else ""
