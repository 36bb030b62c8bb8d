"""The control process's own log: one JSON object a line, bounded, without secrets."""

from __future__ import annotations

import json
import logging
import re
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

_FILE_BYTES = 10 << 20
_OLD_FILES = 5

#: What must never stand in a log: keys, session tokens, setup links, and whatever calls itself a password.
_SECRETS = (
    re.compile(r"aim_[0-9a-zA-Z]{4,}_[0-9a-zA-Z]{8,}"),
    re.compile(r"(?:(?<=/setup/)|(?<=/password/))[\w-]+"),
    re.compile(r"(?<=aimass_session=)[^;\s\"']+"),
    re.compile(r"(?i)(?<=bearer )[\w.~+/=-]+"),
    re.compile(r"(?i)(?<=password)(\"?'?\s*[=:]\s*\"?'?)[^\s\"'&,}]+"),
)


def keep_log(folder: Path) -> None:
    """Send every logger's warnings and our own news to `control.log` in `folder`, at most 60 MiB of it in all.

    A log that cannot be written (a full disk) never stops the work.
    """
    logging.raiseExceptions = False
    handler = RotatingFileHandler(
        folder / "control.log", maxBytes=_FILE_BYTES, backupCount=_OLD_FILES, encoding="utf-8", delay=True
    )
    handler.setFormatter(_Line())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("app", "store"):
        logging.getLogger(name).setLevel(logging.INFO)
    # A look that is skipped because the last one still runs is no news: it is what the scheduler was told to do.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    # Streamlit gives its loggers handlers of their own, to the terminal; one each of them is enough.
    for name in list(logging.Logger.manager.loggerDict):
        if name.split(".")[0] in {"streamlit", "uvicorn"}:
            logger = logging.getLogger(name)
            logger.handlers[:] = []
            logger.propagate = True


def redact(text: str) -> str:
    """Return `text` with every secret it holds made unreadable.   >>> redact("GET /setup/abc_DEF-1")
    'GET /setup/…'
    """
    for pattern in _SECRETS:
        text = pattern.sub(lambda match: f"{match[1] if match.lastindex else ''}…", text)
    return text


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        event = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "from": record.name,
            "said": redact(record.getMessage()),
        }
        if record.exc_info:
            event["trace"] = redact(self.formatException(record.exc_info))
        return json.dumps(event, ensure_ascii=False)
