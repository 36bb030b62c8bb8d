"""ZIP archives from strangers: what every one is refused for, and how to take out the one table inside."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from engine.errors import BadData
from engine.words import words

TABLE_SUFFIXES = frozenset(
    {".csv", ".tsv", ".txt", ".tab", ".data", ".parquet", ".pq", ".json", ".jsonl", ".ndjson"}
    | {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
)
PACKED_SUFFIXES = frozenset({".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst"})
_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".ods"})
#: More entries than any honest archive of one table has (SECURITY C08).
MOST_ENTRIES = 200_000
#: A table that packs better than this, beyond the first megabytes, is a bomb (SECURITY C08).
MOST_RATIO = 100
FREE_BYTES = 64 << 20
#: What `zipfile` raises on broken, locked and exotic archives.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
_BLOCK = 1 << 20
_MOST_NAME_BYTES = 200
_REMEDY = words("Unpack it on your own machine and give the table itself.")


def is_archive(path: Path) -> bool:
    """Tell by its first bytes whether a file is a ZIP archive and not a workbook, which is one inside."""
    with path.open("rb") as file:
        head = file.read(4)
    return head in (b"PK\x03\x04", b"PK\x05\x06") and path.suffix.lower() not in _WORKBOOKS


def most_unpacked(path: Path, max_bytes: int) -> int:
    """Return how many bytes the packed file `path` may become: `max_bytes`, and less for what packs like a bomb."""
    return min(max_bytes, FREE_BYTES + MOST_RATIO * path.stat().st_size)


def unpack_only_table(path: Path, folder: Path, *, max_bytes: int) -> Path:
    """Unpack the one table in a ZIP archive into `folder` and return it; any other file is returned as it is.

    Bytes are counted as they come, whatever the archive says of itself. Nothing is written under a name from the
    archive but the last part of the table's own.
    Raises: BadData when a name climbs out of the archive or stands twice, when there is not exactly one table, or
        when it is broken, locked, packed twice or larger than it may be; OSError.
    """
    if not is_archive(path):
        return path
    try:
        with zipfile.ZipFile(path) as archive:
            entry = _only_table(path, archive.infolist())
            target = folder / _plain_name(entry.filename)
            _write(path, archive, entry, target, most_unpacked(path, max_bytes))
    except BROKEN as problem:
        raise broken_archive(path, problem) from None
    return target


def broken_archive(path: Path, problem: Exception) -> BadData:
    """Return the refusal of an archive that `zipfile` could not read for one of `BROKEN`."""
    return BadData(
        words(
            "The archive {name!r} cannot be read. Expected a whole ZIP file. Received: {problem}.",
            name=path.name,
            problem=str(problem)[:200],
        ),
        remedy=words("Pack it again, or give the table itself."),
    )


def _only_table(path: Path, entries: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    if len(entries) > MOST_ENTRIES:
        raise BadData(
            words(
                "The archive {name!r} has too many entries. Expected one table. Received {n:,} entries.",
                name=path.name,
                n=len(entries),
            ),
            remedy=_REMEDY,
        )
    refuse_bad_names(path, entries)
    files = [entry for entry in entries if not entry.is_dir() and not is_litter(entry.filename)]
    packed = [entry for entry in files if PurePosixPath(entry.filename).suffix.lower() in PACKED_SUFFIXES]
    if packed:
        raise BadData(
            words(
                "The archive {name!r} holds another archive, {inner!r}. Expected one table.",
                name=path.name,
                inner=packed[0].filename[-100:],
            ),
            remedy=_REMEDY,
        )
    tables = [entry for entry in files if PurePosixPath(entry.filename).suffix.lower() in TABLE_SUFFIXES]
    # A note beside the table is no second table.
    plain = [entry for entry in tables if not entry.filename.lower().endswith(".txt")]
    found = plain or tables or files
    if len(found) != 1:
        raise BadData(
            words(
                "The archive {name!r} does not hold exactly one table. Received {n:,}: {names}.",
                name=path.name,
                n=len(found),
                names=", ".join(repr(entry.filename[-60:]) for entry in found[:5]) or "-",
            ),
            remedy=_REMEDY,
        )
    return found[0]


def refuse_bad_names(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    """One climbing, absolute, linked or doubled name condemns the archive: nobody packs one by accident (C06).

    Raises: BadData, naming the entry.
    """
    seen: set[str] = set()
    for entry in entries:
        # `orig_filename` is the name as it is written; `filename` has been made harmless already.
        name = entry.orig_filename
        parts = name.replace("\\", "/").split("/")
        is_link = stat.S_ISLNK(entry.external_attr >> 16)
        folded = name.casefold().rstrip("/")
        climbs = ".." in parts or parts[0] == "" or ":" in parts[0] or "\\" in name or "\0" in name
        if climbs or is_link or folded in seen:
            raise BadData(
                words(
                    "The archive {name!r} was refused: the name of its entry {inner!r} is not safe. "
                    "Expected plain names, each once.",
                    name=path.name,
                    inner=name[-100:],
                ),
                remedy=_REMEDY,
            )
        seen.add(folded)


def _write(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, most: int) -> None:
    written = 0
    with archive.open(entry) as packed, target.open("wb") as plain:
        while block := packed.read(_BLOCK):
            written += len(block)
            if written > most:
                raise BadData(
                    words(
                        "The archive {name!r} unpacks to more than it may. Expected at most {most:,} bytes. "
                        "Received more.",
                        name=path.name,
                        most=most,
                    ),
                    remedy=_REMEDY,
                )
            plain.write(block)


def _plain_name(name: str) -> str:
    """The last part of a name that has been found safe, for the messages a person reads."""
    last = PurePosixPath(name)
    is_usable = len(last.name.encode("utf-8", "replace")) <= _MOST_NAME_BYTES and not last.name.startswith(
        "~"
    )
    return last.name if is_usable else f"table{last.suffix.lower()[:16]}"


def is_litter(name: str) -> bool:
    """Tell whether an entry is what a system leaves beside people's files: hidden, or a cache of thumbnails."""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or any(part.startswith(".") for part in parts) or parts[-1] == "Thumbs.db"
