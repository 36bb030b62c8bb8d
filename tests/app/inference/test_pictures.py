"""Pictures over the wire: base64, bare, as forms; the same answers each way; hostile ones are refused kindly."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.inference.pictures import MOST_TOP, best_first
from app.inference.rows import MOST_EXPLAINED
from engine.modalities.image import decode
from engine.serving.batches import batch_of
from engine.serving.model import ServedModel
from engine.serving.picture_rows import MOST_PICTURES
from tests.app.inference.test_forms import TYPE, form
from tests.engine.published_pictures import COLOURS, encoded, picture
from tests.planes import ASKER, SERVICE, Reply, RunningPlane

PREDICT = f"/v1/services/{SERVICE}/predict"
GREEN = encoded(picture((30, 44), 1, 7))
slow = pytest.mark.slow


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def ask(plane: RunningPlane, contents: list[Any], **more: Any) -> Reply:
    rows = [{"image": base64_of(one) if isinstance(one, bytes) else one} for one in contents]
    return plane.ask("POST", PREDICT, {"rows": rows} | more, key=ASKER)


def send(plane: RunningPlane, body: bytes, kind: str = "image/png", query: str = "") -> Reply:
    return plane.ask("POST", PREDICT + query, body, key=ASKER, headers={"Content-Type": kind})


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of few bytes whose header promises width × height pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\x00" * 100_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_the_best_classes_come_first_and_are_few() -> None:
    shares = {f"c{i}": i / 10 for i in range(9)}
    assert best_first(shares)[0] == {"label": "c8", "probability": 0.8}
    assert len(best_first(shares)) == MOST_TOP
    assert [entry["label"] for entry in best_first({"a": None, "b": 0.2})] == ["b", "a"]


@slow
def test_each_way_of_sending_gives_the_models_own_answer(
    picture_plane: RunningPlane, picture_model_bytes: bytes
) -> None:
    model = ServedModel.from_bytes(picture_model_bytes)
    expected = model.predict(batch_of({"image": [GREEN]}, model.inputs)).scores[0]
    replies = [
        ask(picture_plane, [GREEN]),
        ask(picture_plane, ["data:image/png;base64," + base64_of(GREEN)]),
        send(picture_plane, GREEN),
        send(picture_plane, GREEN, "image/jpeg"),  # what it is called decides nothing
        send(picture_plane, form(GREEN), TYPE),
    ]
    for reply in replies:
        assert reply.status == 200, reply.body
        (row,) = reply.json["rows"]
        assert row["label"] == COLOURS[1] == row["top"][0]["label"]
        assert [row["probabilities"][name] for name in COLOURS] == pytest.approx(expected.tolist(), abs=1e-6)
        assert [entry["probability"] for entry in row["top"]] == sorted(expected.tolist(), reverse=True)
        assert "explanations" not in reply.json


@slow
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WebP", "BMP", "TIFF"])
def test_every_format_is_read(picture_plane: RunningPlane, kind: str) -> None:
    reply = send(picture_plane, encoded(picture((30, 44), 2, 7), kind), f"image/{kind.lower()}")
    assert reply.json["rows"][0]["label"] == "blue"


@slow
def test_pictures_of_many_sizes_are_answered_in_order(picture_plane: RunningPlane) -> None:
    contents = [encoded(picture((8 + i, 40 - i), i % 3, i)) for i in range(10)]
    expected = [COLOURS[i % 3] for i in range(10)]
    for reply in (ask(picture_plane, contents), send(picture_plane, form(*contents), TYPE)):
        assert [row["label"] for row in reply.json["rows"]] == expected


@slow
def test_reasons_and_previews_come_when_asked_for(picture_plane: RunningPlane) -> None:
    large = encoded(picture((500, 700), 0, 3))
    asked = (
        ask(picture_plane, [large], explain=True, preview=True),
        send(picture_plane, large, query="?explain=true&preview=True"),
    )
    for reply in asked:
        (why,) = reply.json["explanations"]
        assert set(why) == {"answer", "score", "base", "heat"}
        heat = np.array(why["heat"])
        assert heat.shape == (9, 12) and np.isfinite(heat).all()
        preview = reply.json["rows"][0]["preview"]
        pixels = decode(base64.b64decode(preview["jpeg"]))
        assert pixels.shape[:2] == (preview["height"], preview["width"]) == (229, 320)
    assert ask(picture_plane, [GREEN] * (MOST_EXPLAINED + 1), explain=True).status == 422
    assert send(picture_plane, GREEN, query="?explain=maybe").status == 422


@slow
def test_the_service_tells_an_example_that_is_answered(picture_plane: RunningPlane) -> None:
    facts = picture_plane.ask("GET", f"/v1/services/{SERVICE}").json
    assert [field["kind"] for field in facts["inputs"]] == ["image"]
    assert picture_plane.ask("POST", PREDICT, facts["example"]).status == 200


def hostile() -> dict[str, tuple[bytes, str]]:
    frames = [Image.new("RGB", (9, 9), (i, 0, 0)) for i in range(3)]
    moving = io.BytesIO()
    frames[0].save(moving, "PNG", save_all=True, append_images=frames[1:])
    gif = io.BytesIO()
    frames[0].save(gif, "GIF")
    return {
        "60,000 px": (bomb(60_000, 60_000), "too large"),
        "bomb within the limit": (bomb(7_000, 7_000), "cannot be read"),
        "truncated": (GREEN[: len(GREEN) // 2], "cannot be read"),
        "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "SVG"),
        "gif": (gif.getvalue(), "GIF"),
        "moving": (moving.getvalue(), "moves"),
        "zeros": (b"\x00" * 5000, "not a picture"),
        "page": (b"<!doctype html><script>1</script>", "not a picture"),
        "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not a picture"),
    }


@slow
@pytest.mark.parametrize("case", hostile())
def test_hostile_pictures_are_refused_by_row(picture_plane: RunningPlane, case: str) -> None:
    content, named = hostile()[case]
    for reply in (ask(picture_plane, [GREEN, content]), send(picture_plane, form(GREEN, content), TYPE)):
        assert (reply.status, reply.json["code"]) == (422, "bad_rows"), reply.body
        assert "row 2" in reply.json["error"] and named in reply.json["error"] and reply.json["remedy"]
    assert send(picture_plane, content).status == 422
    assert ask(picture_plane, [GREEN]).status == 200


@slow
@pytest.mark.parametrize(
    ("value", "named"),
    [("", "base64"), (None, "base64"), (3, "base64"), (["x"], "base64"), ("ü!", "base64"), ("abc", "base64")],
)
def test_what_is_no_base64_is_named(picture_plane: RunningPlane, value: object, named: str) -> None:
    reply = ask(picture_plane, [GREEN, value])
    assert reply.status == 422
    assert "Row 2, column 'image'" in reply.json["error"] and named in reply.json["error"]


@slow
def test_a_thousand_pictures_are_too_many_and_nothing_is_decoded(picture_plane: RunningPlane) -> None:
    reply = ask(picture_plane, [bomb(7_000, 7_000)] * 1000)
    assert (reply.status, reply.json["code"]) == (413, "too_large")
    assert f"{MOST_PICTURES}" in reply.json["error"]


@slow
@pytest.mark.parametrize(
    ("body", "kind", "status", "named"),
    [
        (b"", "image/png", 422, "no picture"),
        (b'{"rows": [{}]}', "application/json", 422, "image"),
        (b'{"rows": []}', "application/json", 422, "no row"),
        (b"image\nx\n", "text/csv", 422, "CSV"),
        (b"image=x", "application/x-www-form-urlencoded", 415, "not understood"),
        (form(*[b""] * 11), TYPE, 413, "too many parts"),
        (form(GREEN, name="file"), TYPE, 400, "'file'"),
        (form(), TYPE, 422, "no picture"),
    ],
)
def test_bodies_that_hold_no_picture_are_refused(
    picture_plane: RunningPlane, body: bytes, kind: str, status: int, named: str
) -> None:
    reply = send(picture_plane, body, kind)
    assert (reply.status, named in reply.json["error"]) == (status, True), reply.body


@slow
def test_a_table_takes_neither_pictures_nor_forms(picture_plane: RunningPlane) -> None:
    address = "/v1/services/table/predict"
    given = ((GREEN, "image/png", 400), (form(GREEN), TYPE, 415), (b'{"rows": [], "preview": true}', "", 422))
    for body, kind, status in given:
        reply = picture_plane.ask("POST", address, body, headers={"Content-Type": kind} if kind else {})
        assert reply.status == status, reply.body
