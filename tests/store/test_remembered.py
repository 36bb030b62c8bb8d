"""Results are remembered as they were asked for, and never so many that they fill the memory."""

from __future__ import annotations

import pytest

from store.remembered import MOST_RESULT_BYTES, Memory, Remembered, Result


def test_a_result_is_found_by_its_query_and_its_values() -> None:
    held = Remembered()
    held.put("SELECT ?", ("a",), Result(("x",), (("a",),)))
    found = held.get("SELECT ?", ["a"])
    assert found is not None
    assert found.dictionaries() == [{"x": "a"}]
    assert held.get("SELECT ?", ("b",)) is None
    assert held.get("SELECT ? ", ("a",)) is None


def test_values_that_python_calls_equal_are_not_the_same_question() -> None:
    held = Remembered()
    held.put("SELECT typeof(?)", (1,), Result(("x",), (("INTEGER",),)))
    assert held.get("SELECT typeof(?)", (True,)) is None
    assert held.get("SELECT typeof(?)", (1.0,)) is None


def test_whoever_changes_what_they_got_changes_it_for_nobody_else() -> None:
    held = Remembered()
    held.put("q", (), Result(("x",), ((1,),)))
    found = held.get("q", ())
    assert found is not None
    found.dictionaries()[0]["x"] = 2
    assert found.dictionaries() == [{"x": 1}]


def test_the_least_recently_used_go_first() -> None:
    held = Remembered(most_results=2)
    for name in "ab":
        held.put(name, (), Result(("x",), ()))
    held.get("a", ())
    held.put("c", (), Result(("x",), ()))
    assert [held.get(name, ()) is not None for name in "abc"] == [True, False, True]


def test_memory_is_bounded_by_bytes_too() -> None:
    held = Remembered(most_bytes=10_000)
    for number in range(50):
        held.put("q", (number,), Result(("x",), (("y" * 1000,),)))
    assert sum(held.get("q", (number,)) is not None for number in range(50)) < 10
    held.put("q", (49,), Result(("x",), (("z",),)))
    held.put("q", (1,), Result(("x",), (("y" * 1000,),)))
    assert held.get("q", (49,)) is not None  # written again, it weighs what it weighs now


def test_a_long_result_is_not_remembered() -> None:
    held = Remembered()
    held.put("long", (), Result(("x",), (("y" * MOST_RESULT_BYTES,),)))
    held.put("many", (), Result(("x",), ((1,),) * MOST_RESULT_BYTES))
    assert held.get("long", ()) is None
    assert held.get("many", ()) is None


def test_nothing_is_remembered_while_something_changes_or_from_before_it() -> None:
    memory = Memory()
    before = memory.current
    assert before is not None
    before.put("q", (), Result(("x",), ()))
    with pytest.raises(RuntimeError), memory.changing():
        assert memory.current is None
        raise RuntimeError
    assert memory.current is not None and memory.current.get("q", ()) is None
