"""Look for secrets in every file below a folder."""

from __future__ import annotations

import base64
import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path


def find_secrets(folder: Path, secrets: Sequence[str]) -> list[str]:
    """Return "file: secret" for each secret that a file holds: as text, in UTF-16, as hexadecimal or base64 digits.

    Files that are empty or are no files (sockets) hold nothing.   secrets: long enough not to stand there by chance.
    """
    assert all(len(secret) >= 8 for secret in secrets)
    wanted = {form: secret for secret in secrets for form in _forms(secret)}
    found = []
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or file.is_symlink() or not file.stat().st_size:
            continue
        with (
            file.open("rb") as open_file,
            mmap.mmap(open_file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            found += [
                f"{file.relative_to(folder)}: {secret}" for form, secret in wanted.items() if form in content
            ]
    return sorted(set(found))


def _forms(secret: str) -> Iterator[bytes]:
    plain = secret.encode()
    yield plain
    yield secret.encode("utf-16-le")
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    for shift in range(3):
        # Base64 of a longer text holds the secret at one of three positions; its outermost digits mix with what is
        # beside it.
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            digits = encode(b"\0" * shift + plain).rstrip(b"=")
            yield digits[4 if shift else 0 : -2]
