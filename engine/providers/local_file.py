"""Files on this machine: is it there, is it a plain file, what is it by its first bytes, unpack it within bounds."""

from __future__ import annotations

import difflib
import gzip
import stat
import zlib
from pathlib import Path
from typing import Literal

from engine.errors import BadCommand, BadData

TableFormat = Literal["csv", "parquet", "jsonl", "json", "excel", "gzip"]

_BLOCK = 1 << 20
_HEAD = 4096
#: First bytes of what people upload by mistake, and how to call it.
_JUNK: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"RIFF", "a sound or video file"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
)
_KINDS = "Expected a table: CSV, TSV, Parquet, JSON lines or Excel."
_REMEDY = "Save the data as CSV (UTF-8) and give that file."


def check_file(path: Path) -> Path:
    """Return `path` when it is a plain, readable, non-empty file.

    Raises: BadCommand for a missing file (naming the nearest name beside it), a folder, a device or no permission;
        BadData for an empty file.
    """
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(path) from None
    except (OSError, ValueError) as problem:
        raise BadCommand(
            f"The file {_shown(path)} cannot be opened. Expected a readable file. Received: {problem}.",
            remedy="Check the path and its permissions.",
        ) from None
    if stat.S_ISDIR(status.st_mode):
        raise BadCommand(
            f"{_shown(path)} is a folder. Expected one file. Received a folder.",
            remedy="Name one file inside it.",
        )
    if not stat.S_ISREG(status.st_mode):
        raise BadCommand(
            f"{_shown(path)} is not a plain file. Expected a file on disk. Received a device, pipe or socket.",
            remedy="Save the data to a file and name that.",
        )
    if status.st_size == 0:
        raise BadData(
            f"The file {_shown(path)} is empty. Expected a header and at least one row. Received 0 bytes.",
            remedy="Export the data again and check its size.",
        )
    _check_readable(path)
    return path


def table_format(path: Path) -> TableFormat:
    """Tell by first bytes, then by name, how to read a file; text of any kind is "csv".

    Raises: BadData for images, archives, programs and other files that hold no table.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    suffix = path.suffix.lower()
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:2] == b"\x1f\x8b":
        return "gzip"
    if head[:4] == b"PK\x03\x04" or head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if suffix in {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}:
            return "excel"
        raise _no_table(path, "a ZIP archive" if head[:2] == b"PK" else "an old Office document")
    for magic, kind in _JUNK:
        if head.startswith(magic) and (len(magic) > 3 or _is_binary(head)):
            raise _no_table(path, kind)
    if suffix == ".parquet":
        raise _no_table(path, "a file that is not Parquet or is cut off, though its name says so")
    if suffix in {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"} and _is_binary(head):
        raise _no_table(path, "a file that is not Excel or is cut off, though its name says so")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if suffix in {".jsonl", ".ndjson"} or (suffix in {".json", ".txt", ""} and text[:1] == b"{"):
        return "jsonl"
    if suffix == ".json" and text[:1] == b"[":
        return "json"
    return "csv"


def unpack_gzip(path: Path, target: Path, *, max_bytes: int) -> None:
    """Unpack a gzip file into `target`.   Raises: BadData when it is broken or larger than `max_bytes` unpacked."""
    written = 0
    try:
        with gzip.open(path, "rb") as packed, target.open("wb") as plain:
            while block := packed.read(_BLOCK):
                written += len(block)
                if written > max_bytes:
                    raise BadData(
                        f"{_shown(path)} unpacks to more than {max_bytes:,} bytes. Expected less. Received more.",
                        remedy="Unpack it yourself and give the part you need.",
                    )
                plain.write(block)
    except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
        raise BadData(
            f"{_shown(path)} is a broken gzip file. Expected a whole one. Received: {problem}.",
            remedy="Copy or download it again.",
        ) from None
    if written == 0:
        raise BadData(
            f"{_shown(path)} unpacks to nothing. Expected a header and at least one row. Received 0 bytes.",
            remedy="Export the data again and check its size.",
        )


def _check_readable(path: Path) -> None:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as problem:
        raise BadCommand(
            f"The file {_shown(path)} cannot be read. Expected permission to read it. Received: {problem.strerror}.",
            remedy="Check the file's permissions.",
        ) from None


def _missing(path: Path) -> BadCommand:
    try:
        beside = [entry.name for entry in path.parent.iterdir() if entry.is_file()][:5000]
    except OSError:
        beside = []
    nearest = difflib.get_close_matches(path.name, beside, n=1, cutoff=0.5)
    remedy = f"Did you mean {nearest[0]!r}? Check the path." if nearest else "Check the path."
    return BadCommand(
        f"There is no file {_shown(path)}. Expected the path of a data file. Received a path where nothing is.",
        remedy=remedy,
    )


def _no_table(path: Path, kind: str) -> BadData:
    return BadData(f"{_shown(path)} holds no table. {_KINDS} Received {kind}.", remedy=_REMEDY)


def _is_binary(head: bytes) -> bool:
    return b"\x00" in head or sum(byte < 9 for byte in head) > 0


def _shown(path: Path) -> str:
    return repr(str(path)[-300:])
