"""Ways in which pictures get worse on their way to a model, each in three strengths.

Source: Hendrycks & Dietterich, Benchmarking Neural Network Robustness to Common Corruptions and Perturbations, ICLR
2019. Of their kinds these are what cameras, light and web sites do most; strengths are shares, so that they mean the
same to a picture of any size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Strain:
    """One way.   help: what its strengths are.   strengths: mild, middle, strong.   apply: (H, W, 3) in and out."""

    kind: str
    title: str
    help: str
    strengths: tuple[float, float, float]
    apply: Callable[[Pixels, float, np.random.Generator], Pixels]


def _blur(pixels: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    radius = share * min(pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))


def _noise(pixels: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    noise = rng.standard_normal(pixels.shape, dtype=np.float32) * np.float32(255.0 * share)
    return _clipped(pixels + noise)


def _light(pixels: Pixels, factor: float, rng: np.random.Generator) -> Pixels:
    return _clipped(pixels.astype(np.float32) * factor)


def _coarse(pixels: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    image = Image.fromarray(pixels)
    small = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    return np.asarray(image.resize(small, Image.Resampling.BOX).resize(image.size, Image.Resampling.BILINEAR))


def _compress(pixels: Pixels, quality: float, rng: np.random.Generator) -> Pixels:
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=int(quality))
    return np.asarray(Image.open(file, formats=["JPEG"]))


def _clipped(values: npt.NDArray[np.float32]) -> Pixels:
    return np.clip(np.rint(values), 0.0, 255.0).astype(np.uint8)


STRAINS: tuple[Strain, ...] = (
    Strain(
        kind="blur",
        title="blurred",
        help="Radius 1, 2 and 4 % of the shorter side.",
        strengths=(0.01, 0.02, 0.04),
        apply=_blur,
    ),
    Strain(
        kind="noise",
        title="noisy",
        help="Noise of 4, 8 and 16 % of the full range.",
        strengths=(0.04, 0.08, 0.16),
        apply=_noise,
    ),
    Strain(
        kind="dark",
        title="darker",
        help="70, 50 and 30 % of the light.",
        strengths=(0.7, 0.5, 0.3),
        apply=_light,
    ),
    Strain(
        kind="bright",
        title="brighter",
        help="1.3, 1.6 and 2 times the light.",
        strengths=(1.3, 1.6, 2.0),
        apply=_light,
    ),
    Strain(
        kind="coarse",
        title="of fewer pixels",
        help="75, 50 and 25 % of the width and height.",
        strengths=(0.75, 0.5, 0.25),
        apply=_coarse,
    ),
    Strain(
        kind="compressed",
        title="compressed",
        help="JPEG of quality 60, 30 and 10.",
        strengths=(60.0, 30.0, 10.0),
        apply=_compress,
    ),
)
