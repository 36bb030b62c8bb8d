"""Files of forms: read whole and in order; whatever is broken or too much is refused without a trace."""

from __future__ import annotations

import pytest

from app.inference.forms import MOST_PARTS, read_files
from app.inference.refused import Refused

TYPE = "multipart/form-data; boundary=XyZ"


def form(*files: bytes, name: str = "image", end: bytes = b"--XyZ--\r\n") -> bytes:
    """Return a form with `files` as browsers and curl write it."""
    parts = [
        b'--XyZ\r\nContent-Disposition: form-data; name="%s"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\n%s\r\n" % (name.encode(), content)
        for content in files
    ]
    return b"".join(parts) + end


def test_files_come_whole_and_in_their_order() -> None:
    contents = [b"\x89PNG\r\n\x1a\n\x00\r\n--Xy", b"", bytes(range(256)) * 300]
    assert read_files(form(*contents), TYPE, "image") == contents
    assert read_files(bytearray(form(b"x", name="画")), TYPE, "画") == [b"x"]


@pytest.mark.parametrize(
    ("body", "content_type", "status", "named"),
    [
        (form(*[b"x"] * (MOST_PARTS + 1)), TYPE, 413, "too many parts"),
        (form(*[b""] * 10_000), TYPE, 413, "too many parts"),
        (form(b"x", name="file"), TYPE, 400, "'file'"),
        (form(b"x"), "multipart/form-data", 400, "no boundary"),
        (form(b"x"), "multipart/form-data; boundary=", 400, "no boundary"),
        (form(b"x"), f"multipart/form-data; boundary={'b' * 1_000_000}", 400, "cannot be read"),
        (form(b"x", end=b""), TYPE, 400, "no end"),
        (form(b"x"), "multipart/form-data; boundary=other", 400, "cannot be read"),
        (b"\r" * 1_000_000, TYPE, 400, "cannot be read"),
        (b"x" * 1_000_000 + form(b"x"), TYPE, 400, "cannot be read"),
        (b"--XyZ\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XyZ--", TYPE, 400, "field ''"),
        (b"--XyZ\r\n" + b"A: b\r\n" * 100 + b"\r\nx\r\n--XyZ--", TYPE, 400, "cannot be read"),
        (b"--XyZ\r\nA: " + b"b" * 100_000 + b"\r\n\r\nx\r\n--XyZ--", TYPE, 400, "cannot be read"),
        (b"", TYPE, 400, "cannot be read"),
    ],
)
def test_what_is_broken_or_too_much_is_refused(
    body: bytes, content_type: str, status: int, named: str
) -> None:
    with pytest.raises(Refused, match=named) as refusal:
        read_files(body, content_type, "image")
    assert refusal.value.status == status
