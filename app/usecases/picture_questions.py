"""Ask a service about a picture as its page does: the file as it came, decoded by the inference plane alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.usecases.person import Person
from app.usecases.service_answers import no_service, send
from app.wiring import Appliance
from store import services

#: Endings of pictures that a service reads, as a file chooser wants them.
ENDINGS = ("png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff")


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A picture made small for people.   jpeg: the file in base64.   width, height: in pixels."""

    jpeg: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class PictureAnswer:
    """The answer to one picture.   version: of the model.

    label, top: of a classifier, and its likeliest classes with their probabilities, best first.   prediction: of a
    regression, with its bounds lower and upper and the level of rows that they promise to hold, where its model answers
    them.   heat: how much the answer falls where a part of the picture is hidden, row by row from the top left;
    () where that was not asked for.
    """

    version: str
    label: str | None
    top: tuple[tuple[str, float], ...]
    prediction: float | None
    preview: Preview
    heat: tuple[tuple[float, ...], ...] = ()
    lower: float | None = None
    upper: float | None = None
    level: float | None = None


def ask_picture(
    box: Appliance, who: Person, name: str, content: bytes, *, explain: bool = False
) -> PictureAnswer:
    """Return a service's answer about the file of one picture.

    Raises: NotFound; Refusal when the file is no picture that can be read; TooLarge; Unavailable.
    """
    if services.get(box.db, name) is None:
        raise no_service()
    query = f"preview=true&explain={'true' if explain else 'false'}"
    reply = send(box, f"/v1/services/{name}/predict?{query}", content, "image/*")
    row: dict[str, Any] = reply["rows"][0]
    heat = reply["explanations"][0]["heat"] if explain else ()
    return PictureAnswer(
        version=str(reply["version"]),
        label=row.get("label"),
        top=tuple((entry["label"], float(entry["probability"] or 0.0)) for entry in row.get("top", ())),
        prediction=row.get("prediction"),
        preview=Preview(**row["preview"]),
        heat=tuple(tuple(float(cell) for cell in line) for line in heat),
        lower=row.get("lower"),
        upper=row.get("upper"),
        level=reply.get("level"),
    )
