"""Events from a worker to its reader: whole, in order, once; whatever is cut short, full, foreign or odd."""

from __future__ import annotations

import json
import math
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.jobs.messages import MOST_LINE_BYTES, MessageWriter, read_messages

TOKEN = "a" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "messages.jsonl"


def write(path: Path, *events: dict[str, Any], token: str = TOKEN) -> None:
    writer = MessageWriter(path, token)
    for event in events:
        writer(event)
    writer.close()


def heard(path: Path, token: str = TOKEN) -> list[Any]:
    return [message.event for message in read_messages(path, 0, token).messages]


def test_events_are_read_once_in_order(path: Path) -> None:
    events = [{"event": "counted", "number": i, "name": "客户"} for i in range(5)]
    write(path, *events[:2])
    first = read_messages(path, 0, TOKEN)
    write(path, *events[2:])
    second = read_messages(path, first.offset, TOKEN)
    assert [message.event for message in (*first.messages, *second.messages)] == events
    assert [message.number for message in first.messages] == [1, 2]
    assert second.offset == path.stat().st_size and second.messages[-1].end == second.offset
    assert read_messages(path, second.offset, TOKEN).messages == ()


def test_a_line_that_is_not_whole_waits_for_its_end(path: Path) -> None:
    write(path, {"event": "a"}, {"event": "b"})
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    tail = read_messages(path, 0, TOKEN)
    assert [message.event["event"] for message in tail.messages] == ["a"]
    path.write_bytes(whole)
    assert [m.event["event"] for m in read_messages(path, tail.offset, TOKEN).messages] == ["b"]


def test_nothing_is_glued_to_a_torn_line(path: Path) -> None:
    write(path, {"event": "a"})
    with path.open("ab") as file:
        file.write(b'{"n": 2, "token": "' + TOKEN.encode() + b'", "ev')
    write(path, {"event": "c"})
    assert [event["event"] for event in heard(path)] == ["a", "c"]


def test_other_attempts_and_odd_lines_are_not_heard(path: Path) -> None:
    write(path, {"event": "old"}, token="b" * 32)
    with path.open("ab") as file:
        file.write(b'[1, 2]\nnull\n\xff\xfe\n{"token": "' + TOKEN.encode() + b'", "event": 3}\n\n')
    write(path, {"event": "new"})
    assert [event["event"] for event in heard(path)] == ["new"]
    assert read_messages(path, 0, TOKEN).offset == path.stat().st_size


def test_a_file_that_is_gone_or_shorter_says_nothing(path: Path) -> None:
    assert read_messages(path, 7, TOKEN).offset == 7
    write(path, {"event": "a"})
    assert read_messages(path, 10_000, TOKEN).messages == ()


def test_a_long_file_is_read_in_parts(path: Path) -> None:
    write(path, *({"event": "counted", "number": i} for i in range(200)))
    offset, numbers = 0, []
    while True:
        tail = read_messages(path, offset, TOKEN, most_bytes=1000)
        if tail.offset == offset:
            break
        numbers += [message.event["number"] for message in tail.messages]
        offset = tail.offset
    assert numbers == list(range(200))


def test_an_endless_line_does_not_stop_the_reading(path: Path) -> None:
    path.write_bytes(b"x" * 5000 + b"\n")
    write(path, {"event": "a"})
    offset = 0
    found: list[Any] = []
    for _ in range(10):
        tail = read_messages(path, offset, TOKEN, most_bytes=1000)
        found, offset = [*found, *tail.messages], tail.offset
    assert [message.event["event"] for message in found] == ["a"]


def test_an_event_that_is_too_long_is_told_as_its_kind(path: Path) -> None:
    write(path, {"event": "a", "text": "x" * MOST_LINE_BYTES}, {"event": "b"})
    assert [event["event"] for event in heard(path)] == ["a", "b"]
    assert heard(path)[0]["too_long_bytes"] > MOST_LINE_BYTES


def test_numbers_of_every_library_are_told(path: Path) -> None:
    odd = {"event": "a", "n": np.int64(3), "x": np.float32(0.5), "bad": math.nan, "list": [math.inf, np.nan]}
    write(path, odd, {"event": "b", "path": Path("x"), "nan": np.float64("nan")})
    text = path.read_text()
    assert "NaN" not in text and "Infinity" not in text
    assert heard(path)[0] == {"event": "a", "n": 3, "x": 0.5, "bad": None, "list": [None, None]}
    assert heard(path)[1]["path"] == "x" and heard(path)[1]["nan"] is None


def test_a_name_that_is_no_text_ends_nothing(path: Path) -> None:
    write(path, {"event": "a", "name": "half \ud83d pair"})
    assert heard(path) == [{"event": "a", "name": "half ? pair"}]


def test_a_bar_moves_only_now_and_then_but_reaches_its_end(path: Path) -> None:
    time = [0.0]
    writer = MessageWriter(path, TOKEN, clock=lambda: time[0])
    for i in range(101):
        writer({"event": "progress", "share": i / 100})
        time[0] += 0.01
    writer.close()
    shares = [event["share"] for event in heard(path)]
    assert len(shares) < 10 and shares[0] == 0.0 and shares[-1] == 1.0


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Files of this process end at `size` bytes, as on a full disk: a write is cut short, the next refused."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_delays_words_but_loses_none(path: Path) -> None:
    events = [{"event": "counted", "number": i} for i in range(20)]
    writer = MessageWriter(path, TOKEN)
    with room_for(500):
        for event in events:
            writer(event)
        assert not writer.flush(patience_s=0.01, pause_s=0.005)
        assert path.stat().st_size == 500
        kept = heard(path)
    assert kept == events[: len(kept)] and len(kept) < 20
    assert writer.flush()
    writer.close()
    assert heard(path) == events
    torn = [line for line in path.read_bytes().splitlines() if not _is_json(line)]
    assert len(torn) == 1


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
