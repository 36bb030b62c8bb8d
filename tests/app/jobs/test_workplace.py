"""A job's folder: its log stays bounded while somebody writes it, and its end can be read."""

from __future__ import annotations

import os
from pathlib import Path

from app.jobs.workplace import MOST_LOG_BYTES, JobFiles


def test_a_long_log_keeps_its_end_while_it_is_written(tmp_path: Path) -> None:
    files = JobFiles(tmp_path)
    writer = os.open(files.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    line = b"%09d " + b"x" * 89 + b"\n"
    total = 0
    for number in range(200_000):
        total += os.write(writer, line % number)
        if number % 10_000 == 0:
            files.bound_log()
    files.bound_log()
    os.write(writer, b"the last line\n")
    os.close(writer)
    assert total > 3 * MOST_LOG_BYTES
    assert files.log.stat().st_size <= MOST_LOG_BYTES
    text = files.log.read_bytes()
    assert text.startswith(b"[The beginning") and text.endswith(
        b"000199999 " + b"x" * 89 + b"\nthe last line\n"
    )


def test_a_short_log_is_left_alone_and_a_missing_one_is_no_trouble(tmp_path: Path) -> None:
    files = JobFiles(tmp_path)
    files.bound_log()
    assert files.log_tail(10) == ""
    files.log.write_bytes(b"one\ntwo\n\xff three\n")
    files.bound_log()
    assert files.log_tail(2) == "two\n\ufffd three"


def test_what_an_attempt_left_is_emptied(tmp_path: Path) -> None:
    files = JobFiles(tmp_path)
    files.empty_temporary()
    (files.temporary / "deep").mkdir(parents=True)
    files.empty_temporary()
    assert not files.temporary.exists()
