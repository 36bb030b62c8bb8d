"""The log of who did what: rows are added, the oldest expire, and each seals the one before it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from store.table import Reads, Table, Writes, now

START = "0" * 64
#: The row that says which older ones were dropped: "audit:<the last one's seq>" and, as detail, that one's seal.
EXPIRED = "audit.expire"
_PAGE = 1_000


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One thing somebody did.

    who: a user's name, "console", or "box" for what goes by itself.   object: such as "run:<id>".   hash: the seal.
    """

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


def drop_before(tx: Writes, before: datetime) -> int:
    """Drop the rows older than a moment, but never the newest; a row says so and holds the seal. Return how many."""
    kept = tx.read('SELECT min(seq) AS first FROM audit WHERE "at" >= ?', (before,))[0]["first"]
    newest = AUDIT.one(tx, "ORDER BY seq DESC LIMIT 1")
    if newest is None:
        return 0
    last = AUDIT.one(tx, "WHERE seq < ? ORDER BY seq DESC LIMIT 1", (newest.seq if kept is None else kept,))
    if last is None:
        return 0
    count = tx.execute("DELETE FROM audit WHERE seq <= ?", (last.seq,))
    append(tx, who="box", action=EXPIRED, object=f"audit:{last.seq}", detail=last.hash)
    return count


def has_older(db: Reads, than: datetime) -> bool:
    """Tell whether the oldest row was written before a moment."""
    oldest = AUDIT.one(db, "ORDER BY seq LIMIT 1")
    return oldest is not None and oldest.at < than


def verify(db: Reads) -> bool:
    """Tell whether no row was changed, removed or put in since it was written.

    Rows at the end may have been cut. Those that expired at the beginning are vouched for by the row that says so.
    """
    oldest = AUDIT.one(db, "ORDER BY seq LIMIT 1")
    seal, seq = START, 0
    if oldest is not None and oldest.seq > 1:
        seq = oldest.seq - 1
        said = AUDIT.one(db, "WHERE action = ? AND object = ? LIMIT 1", (EXPIRED, f"audit:{seq}"))
        seal = said.detail if said is not None else ""
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
