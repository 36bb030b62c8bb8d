"""JSON as the standard has it and nothing beside."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inference.refused import Refused
from app.inference.strict_json import MOST_DEPTH, parse_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    # half a surrogate pair is no text that UTF-8 can carry
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner)
    ),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_what_json_writes_is_read_back(value: object, ascii_only: bool) -> None:
    assert parse_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=40))
def test_any_bytes_are_a_value_or_a_refusal(content: bytes) -> None:
    try:
        parse_json(content)
    except Refused as refused:
        assert (refused.status, refused.code) == (400, "bad_json")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Expecting value"),
        (b"NaN", "NaN"),
        (b"[-Infinity]", "-Infinity"),
        (b'{"a":1,"b":{"c":1,"c":2}}', "'c' comes twice"),
        (b"1 2", "Extra data"),
        (b'"\xc3"', "byte 1 is not UTF-8"),
        (b'"\\uDC00"', "surrogate"),
        (b'{"\\ud800":1}', "surrogate"),
        (b"9" * 5000, "digits"),
        (b"[" * 100_000, "nested"),
        (b"[" * 101 + b"]" * 101, "nested"),
        (b"'a'", "Expecting value"),
        (b"{a:1}", "Expecting property name"),
        (b"[1,]", "no valid JSON"),
    ],
)
def test_what_is_no_json_says_why(content: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        parse_json(content)


def test_the_bounds_themselves_are_fine() -> None:
    deepest = b"[" * MOST_DEPTH + b"]" * MOST_DEPTH
    assert parse_json(b"\xef\xbb\xbf" + deepest) is not None
    assert parse_json(b'"\\ud83d\\ude00"') == "😀"
    assert parse_json(memoryview(b"[" + b"[]," * 200 + b"[]]"))[0] == []
    assert parse_json(b"1e999") == math.inf
