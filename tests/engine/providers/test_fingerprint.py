"""A file is known again by its bytes, not by its time."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from engine.providers.fingerprint import CHUNK_BYTES, fingerprint, has_changed


def test_the_digest_is_of_all_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    content = os.urandom(CHUNK_BYTES + 17)
    path.write_bytes(content)
    known = fingerprint(path)
    assert (known.name, known.bytes) == ("a.bin", len(content))
    assert known.sha256 == hashlib.sha256(content).hexdigest()


def test_a_touched_file_is_the_same_and_an_edited_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    known = fingerprint(path)
    os.utime(path, ns=(1, 1))
    assert not has_changed(path, known)
    path.write_text("a,b\n1,3\n")
    assert has_changed(path, known)
    path.write_text("a,b\n1,2\n3,4\n")
    assert has_changed(path, known)
