"""The one decoder of pictures: any supported file from a stranger in, upright 8-bit pixels out."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from engine.errors import BadData
from engine.modalities.image.kinds import Kind, kind_of, webp_size
from engine.modalities.image.structure import MOST_PARTS, structure_of
from engine.words import words

Pixels = npt.NDArray[np.uint8]

#: More pixels than any honest picture for learning has, told by the header (SECURITY C10).
MOST_PIXELS = 50_000_000
#: Room for 50 megapixels of 16-bit colour that nothing has compressed.
MOST_BYTES = 320 << 20

#: Pixels times scans of a JPEG: 20 scans of the largest picture take three seconds; ten are usual.
_MOST_WORK = 1_000_000_000
#: EXIF data of cameras stay below 64 KiB, which is all that fits into a JPEG.
_MOST_EXIF = 1 << 20

#: The classes themselves and not `Image.open`: nothing else that Pillow can read is ever reached (SECURITY C11), and a
#: phone's JPEG with a second picture behind the first (MPO) is just a JPEG.
_OPENERS: dict[Kind, Callable[[BytesIO], Any]] = {
    "PNG": PngImageFile,
    "JPEG": JpegImageFile,
    "WebP": WebPImageFile,
    "BMP": BmpImageFile,
    "TIFF": TiffImageFile,
}
#: What Pillow raises on broken files of these formats, found by mutating them.
_BROKEN = (
    *(
        OSError,
        SyntaxError,
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        AttributeError,
        AssertionError,
    ),
    *(RuntimeError, EOFError, struct.error, zlib.error, MemoryError),
)
_ORIENTATION = 0x0112
#: Rows that are laid on white at once.
_BAND = 256
#: What brings a picture upright, by the orientation that its EXIF data tell.   Source: EXIF 2.32, tag 0x0112.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What is odd in the remarks of a stranger's picture is no news for the log, and he could fill it with them.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

_REMEDY = words("Save the picture as an ordinary PNG or JPEG and try again.")


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture that was read.

    image: upright, mode "L" (grey) or "RGB", 8 bits per value, loaded.
    content: the bytes of the file where they hold just that as PNG or JPEG, without what follows the picture's own
        end; None where it must be encoded anew.
    is_photo: the file was compressed with loss.
    """

    image: Any
    content: bytes | None
    is_photo: bool

    @property
    def pixels(self) -> Pixels:
        """(H, W, 3)."""
        return np.asarray(self.image if self.image.mode == "RGB" else self.image.convert("RGB"))


def decode(content: bytes) -> Pixels:
    """Return the pixels of one picture file: uint8 (H, W, 3), red green blue, upright.

    PNG, JPEG, WebP, BMP and TIFF are read, told by their bytes. Grey is repeated over the three colours, what is
    transparent lies on white, 16 bits are scaled to 8, and the turn that EXIF data ask for is made.
    Raises: BadData when it is none of these, is broken, moves (several frames) or has more than 50 million pixels.
    """
    return read_picture(content).pixels


def read_picture(content: bytes) -> Picture:
    """Read one picture file as `decode` does, and tell whether its bytes can be kept.   Raises: BadData."""
    kind = kind_of(content[:32])
    if kind is None:
        raise not_a_picture(content[:32])
    if len(content) > MOST_BYTES:
        raise too_large(len(content))
    try:
        return _read(content, kind)
    except _BROKEN as problem:
        raise BadData(
            words(
                "This {kind} picture is broken. Expected a whole file. Received: {problem}.",
                kind=kind,
                problem=_plain(problem),
            ),
            remedy=_REMEDY,
        ) from None


def not_a_picture(head: bytes) -> BadData:
    """Return the refusal of bytes that are no picture of a supported kind."""
    found = words("an SVG drawing") if b"<svg" in head or b"<?xml" in head else words("something else")
    found = words("a GIF") if head.startswith(b"GIF8") else found
    return BadData(
        words("This is not a picture. Expected PNG, JPEG, WebP, BMP or TIFF. Received {found}.", found=found),
        remedy=_REMEDY,
    )


def too_large(size: int) -> BadData:
    """Return the refusal of a file with more bytes than a picture may have."""
    return BadData(
        words(
            "This picture's file is too large. Expected at most {most:,} bytes. Received {size:,}.",
            most=MOST_BYTES,
            size=size,
        ),
        remedy=_REMEDY,
    )


def _read(content: bytes, kind: Kind) -> Picture:
    if kind == "WebP":
        # Its decoder takes the room for a whole picture as soon as it is opened.
        _check_size(webp_size(content[:32]))
    structure = structure_of(content, kind)
    if structure.parts > MOST_PARTS:
        raise _laborious()
    image = _OPENERS[kind](BytesIO(content))
    _check_size(image.size)
    if structure.passes * image.size[0] * image.size[1] > _MOST_WORK:
        raise _laborious()
    if getattr(image, "is_animated", False):
        raise BadData(
            words("This picture moves or has several pages. Expected one still picture."), remedy=_REMEDY
        )
    deep = any(";16" in str(tile.args) for tile in image.tile)
    image.load()
    turn = _TURNS.get(_orientation(image))
    plain = _eight_bits(image)
    is_kept = plain is image and turn is None and not deep and kind in ("PNG", "JPEG")
    if turn is not None:
        plain = plain.transpose(turn)
    return Picture(
        image=plain,
        content=content[: structure.end] if is_kept and structure.end else None,
        is_photo=kind == "JPEG" or (kind == "WebP" and b"VP8L" not in content[:65_536]),
    )


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise BadData(
            words(
                "This picture is too large. Expected at most {most:,} pixels. Received {width:,} × {height:,}.",
                most=MOST_PIXELS,
                width=width,
                height=height,
            ),
            remedy=words("Make it smaller and try again."),
        )


def _laborious() -> BadData:
    return BadData(
        words(
            "This picture's file is made of more parts than any honest one, and would take too long to read."
        ),
        remedy=_REMEDY,
    )


def _orientation(image: Any) -> int:
    """EXIF's word on how to turn the picture; 1 where there is none. A broken one is no reason to lose a picture."""
    if len(image.info.get("exif", b"")) > _MOST_EXIF:
        return 1
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _BROKEN:
        return 1


def _eight_bits(image: Any) -> Any:
    """The picture in mode L or RGB, the image itself when it is that already."""
    mode = image.mode
    if mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint32)
        return Image.fromarray(((values * 255 + 32_767) // 65_535).astype(np.uint8))
    if mode in ("I", "F", "LAB", "HSV"):
        raise BadData(
            words(
                "This picture stores its colours as {mode!r}. Expected 8 or 16 bits of grey or RGB.",
                mode=mode,
            ),
            remedy=_REMEDY,
        )
    if mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        return _on_white(image)
    if mode == "1":
        return image.convert("L")
    return image if mode in ("L", "RGB") else image.convert("RGB")


def _on_white(image: Any) -> Any:
    """The picture as it looks on white; made band by band, as every copy of the largest one would take 200 MB."""
    is_grey = image.mode in ("1", "L", "LA", "La")
    laid = Image.new("L" if is_grey else "RGB", image.size)
    width, height = image.size
    for top in range(0, height, _BAND):
        box = (0, top, width, min(top + _BAND, height))
        part = image.crop(box)
        clear = (part.convert("RGBa") if image.mode == "La" else part).convert("RGBA")
        white = Image.new("RGBA", clear.size, (255, 255, 255, 255))
        band = Image.alpha_composite(white, clear)
        laid.paste(band.getchannel("R") if is_grey else band.convert("RGB"), box)
    return laid


def _plain(problem: BaseException) -> str:
    """What the decoder said, on one line and without its file object's address."""
    text = " ".join(str(problem).split()).partition(" <")[0][:120].rstrip(".")
    return text or type(problem).__name__
