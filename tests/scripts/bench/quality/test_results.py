"""Results are kept line by line, and a stop in the middle of one loses only that one."""

from __future__ import annotations

from pathlib import Path

from scripts.bench.quality.results import Result, append, read


def result(name: str, score: float | None = 0.5) -> Result:
    return Result(
        set=name, system="s", budget_s=60.0, seed=0, metric="rmse", score=score, rows="abc", train_rows=3, test_rows=1
    )  # fmt: skip


def test_what_was_appended_is_read_and_the_last_of_a_key_counts(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.jsonl"
    assert read(path) == []
    for one in (result("a", 0.1), result("b", None), result("a", 0.2)):
        append(path, one)
    assert read(path) == [result("a", 0.2), result("b", None)]
    assert [one.key for one in read(path)] == [("a", "s", 60.0, 0, "abc"), ("b", "s", 60.0, 0, "abc")]


def test_a_line_cut_off_is_passed_over_and_nothing_after_it_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "file.jsonl"
    append(path, result("a"))
    append(path, result("b"))
    path.write_bytes(path.read_bytes()[:-20])
    assert read(path) == [result("a")]
    append(path, result("c"))
    assert read(path) == [result("a"), result("c")]
