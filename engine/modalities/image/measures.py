"""Light and colour: what a picture looks like in five numbers, for many pictures of one size at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.modalities.image.decoding import Pixels

Numbers = npt.NDArray[np.float64]
Planes = npt.NDArray[np.floating[Any]]

#: Weights of red, green and blue in brightness.   Source: ITU-R BT.601-7, section 2.5.1.
LUMA = (0.299, 0.587, 0.114)
#: The measured columns of double numbers, in the order of the dataset.
NAMES = ("brightness", "contrast", "saturation", "colourfulness", "sharpness")
#: Pictures are measured at most this large: numbers of a telephone's and a thumbnail's pictures then compare.
MEASURED_SIDE = 256


def shrink(image: Any) -> Any:
    """Return a Pillow image reduced by a whole factor (mean of blocks) to at most 256 px a side."""
    factor = -(-max(image.size) // MEASURED_SIDE)
    return image.reduce(factor) if factor > 1 else image


def measure(pictures: Pixels) -> Mapping[str, Numbers]:
    """Return `NAMES` of pictures of one size: uint8 (n, H, W, 3) in, each (n,) out.

    brightness: mean luma (BT.601), 0 black … 1 white.   contrast: standard deviation of luma, 0 … 0.5.
    saturation: mean of (max − min) / max over the colours of each pixel, 0 grey … 1.
    colourfulness: √(σ²rg + σ²yb) + 0.3 √(μ²rg + μ²yb), rg = R − G, yb = (R + G)/2 − B in 0 … 255; 0 grey, above 59
        "quite", above 82 "highly" colourful.
    sharpness: variance of the Laplacian (4 neighbours) of luma in 0 … 255; small is blurred; 0 below 3 px a side.
    Source: Hasler & Süsstrunk, Measuring colourfulness in natural images, SPIE 5007, 2003; Pech-Pacheco et al., Diatom
        autofocusing in brightfield microscopy, ICPR 2000 (variance of the Laplacian).
    """
    red, green, blue = (pictures[..., i].astype(np.float32) for i in range(3))
    luma: Planes = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    highest, lowest = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    saturation: Planes = (highest - lowest) / np.maximum(highest, 1)
    rg: Planes = red - green
    yb: Planes = (red + green) / 2 - blue
    spread = np.sqrt(_variance(rg) + _variance(yb))
    strength = np.sqrt(_mean(rg) ** 2 + _mean(yb) ** 2)
    return {
        "brightness": _mean(luma) / 255,
        "contrast": np.sqrt(_variance(luma)) / 255,
        "saturation": _mean(saturation),
        "colourfulness": spread + 0.3 * strength,
        "sharpness": _sharpness(luma),
    }


def _sharpness(luma: Planes) -> Numbers:
    if min(luma.shape[1:]) < 3:
        return np.zeros(len(luma))
    sides = luma[:, :-2, 1:-1] + luma[:, 2:, 1:-1] + luma[:, 1:-1, :-2] + luma[:, 1:-1, 2:]
    return _variance(sides - 4 * luma[:, 1:-1, 1:-1])


def _mean(values: Planes) -> Numbers:
    return np.asarray(values.mean(axis=(1, 2), dtype=np.float64))


def _variance(values: Planes) -> Numbers:
    flat = values.reshape(len(values), -1)
    centred = flat - flat.mean(axis=1, dtype=np.float64, keepdims=True).astype(np.float32)
    return np.asarray(np.einsum("ij,ij->i", centred, centred, dtype=np.float64) / flat.shape[1])
