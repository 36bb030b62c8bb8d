"""Pictures that are sent as they are: one as the request's body, or several as the files of a form."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.inference.forms import read_files
from app.inference.refused import Refused
from app.inference.requests import FILES
from engine.modalities.image import decode, thumbnail
from engine.serving.model import ServedModel
from engine.serving.picture_rows import picture_feeds
from engine.serving.pictures import check_stop, picture_input
from engine.serving.session import Array, Stop
from engine.words import words

PICTURE = "image/"
WISHES = ("explain", "preview")
#: Classes that an answer about a picture names best first.
MOST_TOP = 5
#: Longer side in pixels of a preview.
_PREVIEW_SIDE = 320


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What is wanted beside the answers.   explain: reasons.   preview: each picture as a small JPEG file."""

    explain: bool = False
    preview: bool = False


def best_first(probabilities: Mapping[str, float | None]) -> list[dict[str, Any]]:
    """Return the likeliest classes with their probabilities, at most MOST_TOP."""
    ranked = sorted(probabilities.items(), key=lambda item: -(item[1] or 0.0))[:MOST_TOP]
    return [{"label": label, "probability": share} for label, share in ranked]


def previews(feeds: Mapping[str, Array], model: ServedModel, stop: Stop) -> list[dict[str, Any]]:
    """Return each picture, upright and small, as a JPEG file in base64, with its sides.   Raises: BadData; Stopped."""
    made = []
    for content in feeds[picture_input(model.inputs) or ""].reshape(-1):
        check_stop(stop)
        small = thumbnail(content, _PREVIEW_SIDE)
        height, width = decode(small).shape[:2]
        made.append({"jpeg": base64.b64encode(small).decode("ascii"), "width": width, "height": height})
    return made


def is_sent_bare(content_type: str) -> bool:
    """Tell whether a request's body is no JSON but a picture, or a form of them."""
    return content_type.lower().startswith((PICTURE, FILES))


def read_pictures(body: bytes | bytearray, content_type: str, model: ServedModel) -> dict[str, Array]:
    """Return the feeds of the pictures in `body`; they are not decoded yet.

    Raises: Refused for a form that is broken or too large; BadData when there is no picture, or the model reads more
        than a picture.
    """
    if content_type.lower().startswith(FILES):
        name = picture_input(model.inputs) or ""
        return picture_feeds(read_files(body, content_type, name), model)
    return picture_feeds([bytes(body)] if body else [], model)


def wishes_of_query(query: Mapping[str, str]) -> Wishes:
    """Return the wishes in an address's query, where they are words.   Raises: Refused (422)."""
    spoken: Mapping[str, bool] = {"true": True, "false": False}
    return read_wishes({name: spoken.get(value.lower(), value) for name, value in query.items()})


def read_wishes(asked: Mapping[str, object]) -> Wishes:
    """Return the wishes in a JSON body.   Raises: Refused (422)."""
    found = {}
    for name in WISHES:
        value = asked.get(name, False)
        if not isinstance(value, bool):
            raise Refused(
                words("`{name}` is neither true nor false.", name=name),
                status=422,
                code="bad_rows",
                remedy=words("Send true or false."),
            )
        found[name] = value
    return Wishes(**found)
