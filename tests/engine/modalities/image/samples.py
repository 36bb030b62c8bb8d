"""Picture files of every kind and mode, made in memory."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]

#: What each kind of file can hold, by Pillow's names.
MODES = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "WEBP": ("RGB", "RGBA"),
    "BMP": ("1", "L", "P", "RGB"),
    "TIFF": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"),
}
LOSSLESS = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95, "subsampling": 0}}


def noise(height: int, width: int, seed: int = 0) -> Pixels:
    """A picture that no other looks like: (height, width, 3), smooth enough for JPEG."""
    coarse = np.random.default_rng(seed).integers(
        0, 256, (-(-height // 4), -(-width // 4), 3), dtype=np.uint8
    )
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def in_mode(pixels: Pixels, mode: str) -> Any:
    """A Pillow image of `pixels` in a mode; alpha falls from 255 at the left to 0 at the right."""
    image = Image.fromarray(pixels)
    if mode == "I;16":
        grey = np.asarray(image.convert("L")).astype(np.uint16) * 257
        return Image.fromarray(grey)
    if mode in ("LA", "RGBA"):
        alpha = np.broadcast_to(np.linspace(255, 0, pixels.shape[1]).astype(np.uint8), pixels.shape[:2])
        image = image.convert(mode.removesuffix("A"))
        image.putalpha(Image.fromarray(np.ascontiguousarray(alpha)))
        return image
    return image if mode == "RGB" else image.convert(mode)


def encoded(image: Any, form: str = "PNG", **options: Any) -> bytes:
    """A picture file of a Pillow image or of pixels."""
    held = image if isinstance(image, Image.Image) else Image.fromarray(image)
    buffer = BytesIO()
    held.save(buffer, form, **(LOSSLESS.get(form, {}) | options))
    return buffer.getvalue()


def raw_png(
    width: int, height: int, depth: int, colour: int, data: bytes, *more: tuple[bytes, bytes]
) -> bytes:
    """A PNG file as its parts say, whether they fit or not.   more: further chunks before the data."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), *more, (b"IDAT", zlib.compress(data)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def packed(path: Path, *entries: tuple[str, bytes]) -> Path:
    """A ZIP archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def spread(folder: Path, *entries: tuple[str, bytes]) -> Path:
    """A folder of files."""
    for name, content in entries:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def idx(pixels: Pixels) -> bytes:
    """Pixels (n, H, W) or labels (n,) as one of MNIST's files."""
    return (
        b"\0\0\x08" + bytes([pixels.ndim]) + struct.pack(f">{pixels.ndim}I", *pixels.shape) + pixels.tobytes()
    )
