"""Read the files of a form, multipart/form-data (RFC 7578), from a body that is in memory and within its limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.inference.refused import Refused, too_large
from engine.words import words

#: Files of one form (SECURITY E05): more pictures are sent as JSON rows, or as a zip on the service's page.
MOST_PARTS = 10
_MOST_HEADERS = 8
_MOST_HEADER_BYTES = 4096
_REMEDY = words("Send each picture as one part: curl -F image=@picture.png.")


@dataclass
class _Reader:
    """What the parser found so far. It calls these methods as it goes."""

    files: list[tuple[str, bytearray]] = field(default_factory=list)
    is_whole: bool = False
    _name: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _disposition: bytes = b""

    def begin(self) -> None:
        if len(self.files) == MOST_PARTS:
            raise too_large(f"The form has too many parts. Expected at most {MOST_PARTS}.")
        self.files.append(("", bytearray()))
        self._disposition = b""

    def header_begin(self) -> None:
        self._name, self._value = bytearray(), bytearray()

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = bytes(self._value)

    def headers_end(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name", b"").decode("utf-8", "replace")
        self.files[-1] = (name, self.files[-1][1])

    def data(self, data: bytes, start: int, end: int) -> None:
        self.files[-1][1].extend(memoryview(data)[start:end])

    def end(self) -> None:
        self.is_whole = True

    @property
    def callbacks(self) -> Any:
        return {
            "on_part_begin": self.begin,
            "on_part_data": self.data,
            "on_header_begin": self.header_begin,
            "on_header_field": self.header_name,
            "on_header_value": self.header_value,
            "on_header_end": self.header_end,
            "on_headers_finished": self.headers_end,
            "on_end": self.end,
        }


def read_files(body: bytes | bytearray, content_type: str, name: str) -> list[bytes]:
    """Return the files of a form, all of them in the field `name`, in their order.

    content_type: the request's header, which holds the boundary between the parts.
    Raises: Refused: 413 for more than MOST_PARTS, 400 for a form that is broken or has other fields.
    """
    _, options = parse_options_header(content_type.encode("latin-1", "replace"))
    boundary = options.get(b"boundary", b"")
    if not boundary:
        raise _broken("no boundary in the content type")
    reader = _Reader()
    try:
        parser = MultipartParser(
            boundary,
            reader.callbacks,
            max_header_count=_MOST_HEADERS,
            max_header_size=_MOST_HEADER_BYTES,
        )
        parser.write(bytes(body))
        parser.finalize()
    except FormParserError as error:
        raise _broken(str(error)[:100]) from error
    if not reader.is_whole:
        raise _broken("no end")
    other = next((found for found, _ in reader.files if found != name), None)
    if other is not None:
        raise Refused(
            words(
                "The form has a field {other!r}. Expected files in the field {name!r} only.",
                other=other[:100],
                name=name,
            ),
            code="bad_form",
            remedy=_REMEDY,
        )
    return [bytes(content) for _, content in reader.files]


def _broken(why: str) -> Refused:
    return Refused(
        words("The form cannot be read. Expected multipart/form-data. Received: {why}.", why=why),
        code="bad_form",
        remedy=_REMEDY,
    )
