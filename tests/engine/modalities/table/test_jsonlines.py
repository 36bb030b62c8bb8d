"""JSON lines and lists: one column per key, odd lines rejected with their number."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import BadData
from engine.modalities.table.jsonlines import open_json
from engine.modalities.table.source import RawTable, Workplace

Cells = Callable[[RawTable], list[tuple[str | None, ...]]]


def opened(place: Workplace, text: str | bytes, is_list: bool = False) -> RawTable:
    path = place.folder / "in.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return open_json(path, place, is_list=is_list, name="in.json")


def test_keys_become_columns_in_order_of_first_appearance(place: Workplace, cells: Cells) -> None:
    raw = opened(place, '{"b": 1, "a": "x"}\n\n{"a": null, "c": true}\r\n{}\n')
    assert raw.written == ("b", "a", "c") and (raw.format, raw.delimiter) == ("jsonl", "")
    assert cells(raw) == [("1", "x", None), (None, None, "true"), (None, None, None)]


def test_broken_lines_are_rejected_with_number_and_reason(place: Workplace, cells: Cells) -> None:
    raw = opened(place, '{"a": 1}\n{broken\n\n[1, 2]\n7\n{"a": 2}')
    assert cells(raw) == [("1",), ("2",)]
    assert (raw.rejected, raw.first_reject) == (3, (2, "The line is no valid JSON."))
    place.rejects.__exit__()
    assert (place.folder / "rejects.csv").read_text().splitlines() == [
        "line,reason,text",
        "2,The line is no valid JSON.,{broken",
        '4,The line is no JSON object.,"[1, 2]"',
        "5,The line is no JSON object.,7",
    ]


def test_values_are_written_so_that_nothing_is_lost(place: Workplace, cells: Cells) -> None:
    value = {
        "f": 0.1,
        "big": 2**60,
        "whole": 3.0,
        "text": '"a", b\nc',
        "list": [1, "é"],
        "object": {"k": None},
    }
    raw = opened(place, json.dumps(value))
    found = dict(zip(raw.written, cells(raw)[0], strict=True))
    assert found["text"] == value["text"] and found["big"] == str(2**60)
    assert float(str(found["f"])) == 0.1 and float(str(found["whole"])) == 3.0
    assert json.loads(str(found["list"])) == [1, "é"] and found["object"] == '{"k": null}'
    assert raw.notes == tuple(
        f"Column {key!r} holds nested values; they were kept as JSON text." for key in ("list", "object")
    )


def test_a_list_of_objects_is_a_table_too(place: Workplace, cells: Cells) -> None:
    raw = opened(place, '[{"a": 1},\n 5,\n {"a": "x"}]', is_list=True)
    assert cells(raw) == [("1",), ("x",)]
    assert raw.first_reject == (2, "The element is no JSON object.")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("is_list", [True, False])
def test_any_encoding_is_read(encoding: str, is_list: bool, place: Workplace, cells: Cells) -> None:
    value = {"城市": "北京", "说明": "很好的地方"}
    text = json.dumps([value] if is_list else value, ensure_ascii=False)
    raw = opened(place, text.encode(encoding), is_list)
    assert raw.written == tuple(value) and cells(raw) == [tuple(value.values())]


@pytest.mark.parametrize(
    ("text", "is_list", "said"),
    [
        ("[1, 2]", True, "no rows"),
        ("[]", True, "no rows"),
        ("{}\n{}\n", False, "no rows"),
        ("nonsense\n", False, "no rows"),
        ('[{"a": 1}', True, "no valid JSON list"),
        ("[" * 100_000, True, "no valid JSON list"),
        ('{"a": 1, "b": 2, "c": 3, "d": 4}', False, "more than 3 different keys"),
    ],
)
def test_what_holds_no_objects_is_refused(text: str, is_list: bool, said: str, place: Workplace) -> None:
    narrow = replace(place, limits=replace(place.limits, max_columns=3))
    with pytest.raises(BadData, match=said):
        opened(narrow, text, is_list)


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6)
OBJECTS = st.dictionaries(
    WORDS.filter(str.strip), st.one_of(WORDS, st.integers(), st.booleans(), st.none()), max_size=4
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(objects=st.lists(OBJECTS, min_size=1, max_size=6).filter(any), is_list=st.booleans())
def test_any_objects_come_back_cell_for_cell(
    objects: list[dict[str, object]], is_list: bool, place: Workplace, cells: Cells
) -> None:
    text = json.dumps(objects) if is_list else "\n".join(json.dumps(each) for each in objects)
    raw = opened(place, text, is_list)
    shown = {None: None, "": None, True: "true", False: "false"}
    expected = [
        tuple(
            shown[value] if isinstance(value, bool) or value in (None, "") else str(value)
            for value in (each.get(key) for key in raw.written)
        )
        for each in objects
    ]
    assert cells(raw) == expected
