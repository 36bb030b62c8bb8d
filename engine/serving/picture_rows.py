"""Turn the pictures of one request, base64 in JSON or files as they are, into a model's feeds, still encoded."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.errors import BadData
from engine.serving.model import ServedModel
from engine.serving.pictures import picture_input
from engine.serving.session import Array
from engine.serving.too_many import TooManyRows
from engine.words import words

#: Pictures of one request; more belong into a zip and a batch prediction.
MOST_PICTURES = 256
_DATA_ADDRESS = "data:"


def pictures_from_base64(name: str, values: Sequence[Any]) -> Array:
    """Return the feed of an input that takes pictures, bytes objects (rows, 1), from the values of JSON rows.

    values: files in base64, with or without `data:image/png;base64,` before it and line breaks within.
    Raises: BadData that names the row when a value is no base64; TooManyRows above MOST_PICTURES.
    """
    _check_count(len(values))
    return _column([_unpacked(name, at, value) for at, value in enumerate(values)])


def picture_feeds(files: Sequence[bytes], model: ServedModel) -> dict[str, Array]:
    """Return the feeds of files of pictures, for a model that reads nothing else.

    Raises: BadData when the model reads other columns too, or none of pictures, or there is no file; TooManyRows above
        MOST_PICTURES.
    """
    name = picture_input(model.inputs)
    if name is None or len(model.inputs) != 1:
        raise BadData(
            words("A picture alone is no row of this service. Expected the columns {columns}.",
                  columns=", ".join(map(repr, list(model.inputs)[:10]))),
            remedy=words("Send rows as JSON."),
        )  # fmt: skip
    if not files:
        raise BadData(
            words("There is no picture to answer. Expected at least one. Received none."),
            remedy=words("Send at least one picture."),
        )
    _check_count(len(files))
    return {name: _column(files)}


def _check_count(count: int) -> None:
    if count > MOST_PICTURES:
        raise TooManyRows(
            words(
                "There are too many pictures for one request. Expected at most {most:,}. Received {count:,}.",
                most=MOST_PICTURES,
                count=count,
            ),
            remedy=words("Send the pictures in parts, or answer a zip of them on the service's page."),
        )


def _unpacked(name: str, at: int, value: Any) -> bytes:
    if not isinstance(value, str):
        raise _no_base64(name, at)
    text = "".join((value.partition(",")[2] if value.startswith(_DATA_ADDRESS) else value).split())
    if not text:
        raise _no_base64(name, at)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _no_base64(name, at) from error


def _no_base64(name: str, at: int) -> BadData:
    return BadData(
        words(
            "Row {row:,}, column {name!r} cannot be read. Expected the file of a picture in base64.",
            row=at + 1,
            name=name,
        ),
        remedy=words("Send the bytes of a PNG, JPEG, WebP, BMP or TIFF file in base64."),
    )


def _column(files: Sequence[bytes]) -> Array:
    column = np.empty((len(files), 1), dtype=object)
    column[:, 0] = files
    return column
