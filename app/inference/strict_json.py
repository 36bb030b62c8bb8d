"""Read JSON as RFC 8259 writes it: no NaN, no key twice, nothing behind the value, no bottomless nesting."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from app.inference.refused import Refused

#: As Triton's reader; deeper is no tensor and no row.
MOST_DEPTH = 100
_BOM = b"\xef\xbb\xbf"
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse_json(content: bytes | bytearray | memoryview) -> Any:
    """Return the value of a UTF-8 JSON text; a byte-order mark before it is tolerated.

    Numbers beyond a double's range come as infinities: who uses a number checks its range.
    Raises: Refused (400) for anything that is not JSON.
    """
    data = bytes(content)
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad(f"byte {error.start} is not UTF-8") from error
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _bad(f"{error.msg} at character {error.pos}") from error
    except RecursionError as error:
        raise _bad(f"nested deeper than {MOST_DEPTH}") from error
    except ValueError as error:  # a whole number of more digits than Python reads
        raise _bad("a number with too many digits") from error
    if data.count(b"[") + data.count(b"{") > MOST_DEPTH:
        _check_depth(value)
    if _SURROGATE.search(data):
        _check_surrogates(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _bad(f"the key {twice[:100]!a} comes twice")
    return found


def _no_constant(word: str) -> NoReturn:
    raise _bad(f"{word} is no JSON; a missing value is null")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MOST_DEPTH):
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return
    raise _bad(f"nested deeper than {MOST_DEPTH}")


def _check_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise _bad("half of a surrogate pair in a text") from error


def _bad(why: str) -> Refused:
    return Refused(
        f"The body is no valid JSON: {why}.", code="bad_json", remedy="Send one JSON value in UTF-8."
    )
