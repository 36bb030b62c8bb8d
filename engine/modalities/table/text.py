"""CSV, TSV and their kin: find encoding, delimiter and header, then let DuckDB read, fast where the file allows it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import BadData
from engine.modalities.table.dialect import Dialect, parse_sample, sniff_dialect
from engine.modalities.table.encoding import TextFacts, head_facts, read_facts, transcode
from engine.modalities.table.header import Layout, find_layout
from engine.modalities.table.records import Tally, normalise, refuse_no_rows
from engine.modalities.table.source import RawTable, Workplace, csv_relation

_HEAD_LINES = 1000
_HEAD_CHARS = 1 << 20
#: DuckDB's own default; its buffers grow with the longest line it has to expect.
_MIN_LINE_BYTES = 2 << 20
#: How our own files end a row; DuckDB would guess it from a "\r" in the first cells.
_LINE_FEED = r"'\n'"


@dataclass(frozen=True, kw_only=True)
class _Text:
    """A text file after the first look.   path: the UTF-8 file to read."""

    name: str
    path: Path
    facts: TextFacts
    dialect: Dialect
    layout: Layout
    suffix: str = ""


def open_text(source: Path, place: Workplace, *, suffix: str = "", name: str = "") -> RawTable:
    """Make a text file readable.

    name, suffix: of the file that a person gave, where `source` is an unpacked copy.
    Raises: BadData for binary junk, endless lines, and files without rows.
    """
    known = name or source.name
    if source.stat().st_size > place.limits.careful_bytes and (head := head_facts(source, place.limits)):
        text, rows = _look(source, head, place, suffix or source.suffix, known)
        if _is_plain(text, rows):
            return _fast(text, place)
    return _thorough(source, place, suffix or source.suffix, known)


def _thorough(source: Path, place: Workplace, suffix: str, name: str) -> RawTable:
    facts = read_facts(source, place.limits)
    place.progress(0.1)
    path = source
    if not facts.is_utf8:
        path = place.temporary("utf8.txt")
        transcode(source, path, facts)
    text, _ = _look(path, facts, place, suffix, name)
    place.progress(0.15)
    # Too wide a table is refused by its names; nothing has to be read for that.
    return _table(text, Tally()) if text.layout.width > place.limits.max_columns else _careful(text, place)


def _look(
    path: Path, facts: TextFacts, place: Workplace, suffix: str, name: str
) -> tuple[_Text, Sequence[Sequence[str]]]:
    lines = _head_lines(path, place.limits.max_line_bytes)
    dialect = sniff_dialect(lines, suffix)
    rows = parse_sample(dialect, lines)
    if not rows:
        raise refuse_no_rows(name, has_header=False)
    return _Text(
        name=name, path=path, facts=facts, dialect=dialect, layout=find_layout(rows), suffix=suffix
    ), rows


def open_cells(path: Path, place: Workplace, *, name: str, layout: Layout | None = None) -> RawTable:
    """Make cells readable that were written out by us: UTF-8, comma, double quotes.   layout: where it is known."""
    if layout is None:
        rows = parse_sample(Dialect(), _head_lines(path, 5 * place.limits.max_line_bytes))
        if not rows:
            raise refuse_no_rows(name, has_header=False)
        layout = find_layout(rows)
    facts = TextFacts(encoding="utf-8")
    return _careful(_Text(name=name, path=path, facts=facts, dialect=Dialect(), layout=layout), place)


def _is_plain(text: _Text, rows: Sequence[Sequence[str]]) -> bool:
    """Whether DuckDB may read the file as it stands: nothing above the table, its first rows even."""
    return (
        text.dialect.quote == '"'
        and text.layout.preamble == 0
        and all(len(row) == text.layout.width for row in rows)
        and text.layout.width > 1
    )


def _fast(text: _Text, place: Workplace) -> RawTable:
    """Let DuckDB read the file while a thread of ours looks at every byte; the careful way follows on any doubt."""
    layout = text.layout
    executor = ThreadPoolExecutor(max_workers=1)
    facts = executor.submit(read_facts, text.path, place.limits)
    executor.shutdown(wait=False)
    relation = csv_relation(
        text.path,
        layout.width,
        delimiter=text.dialect.delimiter,
        quote=text.dialect.quote,
        skip=int(layout.has_header),
        max_line_bytes=_MIN_LINE_BYTES,
    )

    def count_rows() -> int | None:
        found = facts.result()
        if not found.is_utf8 or found.has_bare_returns or found.records is None:
            return None
        return found.records - int(layout.has_header)

    return replace(
        _table(text, Tally()),
        relation=relation,
        sample=_sample(text.path, text.dialect, layout, place, _MIN_LINE_BYTES) or relation,
        count_rows=count_rows,
        retry=lambda: _thorough(text.path, place, text.suffix, text.name),
    )


def _careful(text: _Text, place: Workplace) -> RawTable:
    target = place.temporary("rows.csv")
    tally = normalise(
        text.path,
        target,
        text.dialect,
        text.layout,
        max_chars=place.limits.max_line_bytes,
        reject=place.rejects.add,
        progress=lambda share: place.progress(0.15 + 0.35 * share),
    )
    if tally.rows == 0:
        raise refuse_no_rows(text.name, text.layout.has_header)
    plain = Dialect()
    longest = _written_bytes(tally.longest)
    relation = csv_relation(target, text.layout.width, max_line_bytes=longest, new_line=_LINE_FEED)
    body = replace(text.layout, preamble=0, names=())
    return replace(
        _table(text, tally),
        relation=relation,
        sample=_sample(target, plain, body, place, longest) or relation,
        expected_rows=tally.rows,
    )


def _written_bytes(characters: int) -> int:
    """Most bytes of a row that is written out again: four for a character, one more for each doubled quote."""
    return max(_MIN_LINE_BYTES, 5 * characters + 1024)


def _table(text: _Text, tally: Tally) -> RawTable:
    return RawTable(
        format="csv",
        relation="",
        written=text.layout.names or ("",) * text.layout.width,
        rejected=tally.rejected,
        first_reject=tally.first_reject,
        encoding=text.facts.encoding,
        delimiter=text.dialect.delimiter if text.layout.width > 1 else "",
        quote=text.dialect.quote,
        has_header=text.layout.has_header,
        cuts_blanks=text.dialect.skips_blanks,
        notes=text.facts.notes,
    )


def _head_lines(path: Path, max_line_chars: int) -> list[str]:
    lines: list[str] = []
    chars = 0
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        for _ in itertools.repeat(None, _HEAD_LINES):
            line = file.readline(max_line_chars + 1)
            if not line:
                break
            if len(line) > max_line_chars:
                raise BadData(
                    f"A line is longer than {max_line_chars:,} characters. Expected rows on lines of their own. "
                    "Received one endless line.",
                    remedy="Export the data again with one row per line.",
                )
            lines.append(line)
            chars += len(line)
            if chars > _HEAD_CHARS:
                break
    return lines


def _sample(path: Path, dialect: Dialect, layout: Layout, place: Workplace, longest: int) -> str | None:
    """Copy head, middle and tail of a large file into a small one; None when the file is small itself.

    A piece begins after a line feed, which may lie inside a quoted cell: rows that do not fit are left out, the types
    are proven on every row later.
    """
    size, budget = path.stat().st_size, place.limits.sample_bytes
    if size <= max(budget, place.limits.careful_bytes):
        return None
    target = place.temporary("sample.csv")
    with path.open("rb") as file, target.open("wb") as out:
        for start in (0, (size - budget // 3) // 2, size - budget // 3):
            file.seek(start)
            if start or layout.has_header:
                file.readline()
            piece = file.read(budget // 3)
            out.write(piece[: piece.rfind(b"\n") + 1])
    return csv_relation(
        target,
        layout.width,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        max_line_bytes=max(_MIN_LINE_BYTES, longest),
        ignore_errors=True,
    )
