"""What a service did is counted, survives the plane, and gives honest latencies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.inference.counters import BOUNDS, MINUTES, CounterBook, Counters, Histogram, Timing


def test_quantiles_lie_within_their_bucket() -> None:
    histogram = Histogram()
    assert histogram.quantile(0.5) is None
    for _ in range(90):
        histogram.add(0.0015)
    for _ in range(10):
        histogram.add(0.03)
    assert 0.001 <= (histogram.quantile(0.5) or 0) <= 0.002
    assert 0.02 <= (histogram.quantile(0.95) or 0) <= 0.05
    histogram.add(1e9)
    assert histogram.quantile(1.0) == BOUNDS[-1]


def filled() -> Counters:
    counters = Counters(since=0.0)
    timing = Timing(total=3_000_000, read=1_000_000, infer=1_500_000, write=500_000)
    for minute in range(MINUTES + 5):
        counters.answered(rows=2, timing=timing, key="k", version="1", now=60.0 * minute)
    counters.failed("bad_rows", ns=10, key="other", now=60.0 * minute + 1)
    return counters


def test_answers_and_failures_are_told_apart() -> None:
    counters = filled()
    found = counters.to_json()
    assert (found["requests"], found["rows"], found["errors"]) == (66, 130, {"bad_rows": 1})
    assert found["keys"] == {"k": 65, "other": 1} and found["keys_at"]["other"] == 3841.0
    assert len(found["minutes"]) == MINUTES and found["minutes"][-1] == [64, 2, 1, 2]
    assert found["p50_ms"] == pytest.approx(3.5, abs=1.5)
    assert found["ns"]["infer"] == 65 * 1_500_000


def test_counters_survive_json() -> None:
    counters = filled()
    assert Counters.from_json(json.loads(json.dumps(counters.to_json()))).to_json() == counters.to_json()


def test_a_book_goes_on_where_its_file_ended(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    first = CounterBook(tmp_path, clock=lambda: 5.0)
    first.of("demo").failed("deadline", ns=1, key="k", now=5.0)
    first.of("gone").failed("deadline", ns=1, key="k", now=5.0)
    first.write()
    assert not (tmp_path / "gone").exists()
    second = CounterBook(tmp_path)
    assert second.of("demo").errors == {"deadline": 1}
    second.forget_all_but(set())
    (tmp_path / "demo" / "stats.json").write_text("{half")
    assert second.of("demo").requests == 0


def test_a_file_is_written_only_when_something_happened(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    book = CounterBook(tmp_path)
    book.of("demo").failed("deadline", ns=1, key="k", now=5.0)
    book.write()
    file = tmp_path / "demo" / "stats.json"
    file.unlink()
    book.write()
    assert not file.exists()
    book.of("demo").failed("deadline", ns=1, key="k", now=6.0)
    book.write()
    assert file.exists()
