"""Look for secrets in every file below a folder."""

from __future__ import annotations

import base64
import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from engine.sql import quote_name


def find_secrets(folder: Path, secrets: Sequence[str]) -> list[str]:
    """Return "file: secret" for each secret that a file holds: as text, in UTF-16, as hexadecimal or base64 digits.

    secrets: long enough not to stand there by chance.
    """
    assert all(len(secret) >= 8 for secret in secrets)
    found = []
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink() and file.stat().st_size:
            found += [f"{file.relative_to(folder)}: {secret}" for secret in secrets if _holds(file, secret)]
    return found


def find_in_database(file: Path, secrets: Sequence[str]) -> list[str]:
    """Return "table: secret" for each secret in a closed DuckDB file, which may press texts together on its disk."""
    found = []
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        for table in sorted(tables):
            rows = str(connection.execute(f"SELECT * FROM {quote_name(table)}").fetchall())
            found += [f"{table}: {secret}" for secret in secrets if secret in rows]
    return found


def _holds(file: Path, secret: str) -> bool:
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(form) >= 0 for form in _forms(secret))


def _forms(secret: str) -> Iterator[bytes]:
    plain = secret.encode()
    yield plain
    yield secret.encode("utf-16-le")
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    for shift in range(3):
        # In base64 of a longer text the secret begins at one of three places in a group of digits; its outermost
        # digits mix with what is beside it.
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            digits = encode(b"\0" * shift + plain).rstrip(b"=")
            yield digits[4 if shift else 0 : -2]
