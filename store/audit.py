"""The log of who did what: rows are only ever added, and each seals the one before it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from store.table import Reads, Table, Writes, now

START = "0" * 64
_PAGE = 1_000


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One thing somebody did.   who: a user's name, or "console".   object: such as "run:<id>".   hash: the seal."""

    seq: int
    at: datetime
    who: str
    address: str
    action: str
    object: str
    outcome: str
    detail: str
    hash: str


AUDIT = Table("audit", AuditEntry)


def append(
    tx: Writes,
    *,
    who: str,
    action: str,
    object: str = "",
    outcome: str = "done",
    detail: str = "",
    address: str = "",
) -> AuditEntry:
    """Add one row. It never holds a secret, and its texts are cut at 500 characters."""
    last = AUDIT.one(tx, "ORDER BY seq DESC LIMIT 1")
    texts = {
        "who": who,
        "address": address,
        "action": action,
        "object": object,
        "outcome": outcome,
        "detail": detail,
    }
    cut = {name: text[:500] for name, text in texts.items()}
    seq, at = (last.seq + 1 if last else 1), now()
    seal = _seal(last.hash if last else START, seq, at, cut)
    return AUDIT.insert(tx, AuditEntry(seq=seq, at=at, hash=seal, **cut))


def recent(db: Reads, limit: int = 100) -> tuple[AuditEntry, ...]:
    """Return the last rows, newest first."""
    return AUDIT.where(db, "ORDER BY seq DESC LIMIT ?", (limit,))


def verify(db: Reads) -> bool:
    """Tell whether no row was changed, removed or put in since it was written (rows at the end may have been cut)."""
    seal, seq = START, 0
    while page := AUDIT.where(db, "WHERE seq > ? ORDER BY seq LIMIT ?", (seq, _PAGE)):
        for entry in page:
            texts = {
                "who": entry.who,
                "address": entry.address,
                "action": entry.action,
                "object": entry.object,
                "outcome": entry.outcome,
                "detail": entry.detail,
            }
            seq += 1
            seal = _seal(seal, seq, entry.at, texts)
            if entry.seq != seq or entry.hash != seal:
                return False
    return True


def _seal(before: str, seq: int, at: datetime, texts: dict[str, str]) -> str:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    content = json.dumps([before, seq, moment, texts], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()
