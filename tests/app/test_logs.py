from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.logs import keep_log, redact

SECRETS = (
    "aim_cg9czd58_nh2kqhzgmvgd984fzr4b5ykcwzqtjcrb",
    "g8DPMv0G094ahU9AvSZdktNAUy4mFlXc",
    "AF29os97D3SPOOrzPoLCQK6S",
    "green tin bridge owl"[:5],
)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """The log of a process whose own handlers come back afterwards."""
    root = logging.getLogger()
    handlers, level, raises = root.handlers[:], root.level, logging.raiseExceptions
    keep_log(tmp_path)
    yield tmp_path / "control.log"
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = raises


def _lines(log: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def test_a_line_is_one_json_object_whatever_was_said(log: Path) -> None:
    logging.getLogger("app.web").warning("a name with\nnew lines, \x1b[31m and 中文")
    (line,) = _lines(log)
    assert line["level"] == "warning"
    assert line["from"] == "app.web"
    assert "中文" in line["said"]


def test_a_trace_is_kept(log: Path) -> None:
    try:
        raise ValueError("what failed")
    except ValueError:
        logging.getLogger("app.web").exception("Something failed.")
    assert "what failed" in _lines(log)[0]["trace"]


def test_no_secret_is_written_down(log: Path) -> None:
    key, token, cookie, password = SECRETS
    said = (
        f"key {key}, GET /setup/{token}, POST /password/{token} failed, "
        f"Cookie: aimass_session={cookie}; Bearer {key} password='{password}'"
    )
    logging.getLogger("app").warning(said)
    text = log.read_text(encoding="utf-8")
    assert [secret for secret in SECRETS if secret in text] == []


def test_what_is_no_secret_stays() -> None:
    assert redact("GET /datasets?id=38g8zejxgt88d175 as mei") == "GET /datasets?id=38g8zejxgt88d175 as mei"


def test_a_full_disk_does_not_stop_the_work(log: Path) -> None:
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.FileHandler)
    full = Path("/dev/full").open("w", encoding="utf-8")  # noqa: SIM115 - closing it fails, as it should
    handler.stream = full
    logging.getLogger("app").warning("said into the void")
    handler.stream = None  # type: ignore[assignment]
    with pytest.raises(OSError, match="No space left"):
        full.close()
    logging.getLogger("app").warning("said when there is room again")
    assert [line["said"] for line in _lines(log)] == ["said when there is room again"]
