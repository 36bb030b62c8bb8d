"""Find how a text file is encoded by reading all of it, and rewrite it as UTF-8 where it is not."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import BadData
from engine.modalities.table.limits import ImportLimits

_BLOCK = 4 << 20
_EVIDENCE_BYTES = 4 << 20
_SHORT_LINE = 1 << 16
#: From a high byte to the last character that may belong to it in any double-byte encoding.
_HIGH_RUN = re.compile(rb"(?:[\x80-\xff][\x30-\x7e]?)+")
_GB_FOUR = re.compile(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]")
_GB_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_UTF8_PAIR = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}",
)
_CP1252_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, kw_only=True)
class TextFacts:
    """What one pass over all bytes found.

    encoding: Python codec.  errors: codec error handler ("strict" unless the file holds stray bytes).
    records: line feeds outside double quotes, plus an unended last line; None when unknown.
    longest: bytes of the longest line.
    has_quotes, has_bare_returns: what the fast reader has to know.
    """

    encoding: str
    errors: str = "strict"
    records: int | None = None
    longest: int = 0
    has_quotes: bool = False
    has_bare_returns: bool = False
    notes: tuple[str, ...] = ()

    @property
    def is_utf8(self) -> bool:
        return self.encoding in {"utf-8", "utf-8-sig"} and self.errors == "strict"


def read_facts(path: Path, limits: ImportLimits) -> TextFacts:
    """Read all of `path` once: its encoding and the structure of its lines.

    Raises: BadData for binary junk and for a line longer than `limits.max_line_bytes`.
    """
    scan = _Scan(limits.max_line_bytes)
    with path.open("rb") as file:
        head = file.read(_BLOCK)
        bom = next((name for mark, name in _BOMS if head.startswith(mark)), None)
        wide = bom if bom in {"utf-16", "utf-32"} else _guess_utf16(head)
        block = head
        while block:
            scan.take(block)
            block = file.read(_BLOCK)
    if wide:
        return _wide_facts(path, wide)
    if scan.zeros:
        raise BadData(
            f"{path.name!r} is not text. Expected a table in a text encoding. Received bytes of value 0.",
            remedy="Save the data as CSV (UTF-8) and give that file.",
        )
    if scan.is_utf8:
        return scan.facts(bom or "utf-8")
    return _other_facts(path, scan, bom)


def head_facts(path: Path, limits: ImportLimits) -> TextFacts | None:
    """Look at the first bytes only: what the whole file may turn out to be; None when they are no plain UTF-8."""
    scan = _Scan(limits.max_line_bytes)
    with path.open("rb") as file:
        head = file.read(_BLOCK)
    scan.take(head)
    is_marked = any(head.startswith(mark) for mark, name in _BOMS if name != "utf-8-sig")
    if is_marked or scan.zeros or not scan.is_utf8 or scan.has_bare_returns:
        return None
    return TextFacts(
        encoding="utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8", longest=scan.longest
    )


def transcode(source: Path, target: Path, facts: TextFacts) -> None:
    """Rewrite `source` as UTF-8 without a mark, in bounded memory."""
    _register_handlers()
    decoder = codecs.getincrementaldecoder(facts.encoding)(facts.errors)
    with source.open("rb") as plain, target.open("wb") as out:
        while block := plain.read(_BLOCK):
            out.write(decoder.decode(block).encode("utf-8", "replace"))
        out.write(decoder.decode(b"", final=True).encode("utf-8", "replace"))


class _Scan:
    """Counts over blocks; quotes are paired across blocks."""

    def __init__(self, max_line_bytes: int) -> None:
        self._max_line = max_line_bytes
        self._utf8 = codecs.getincrementaldecoder("utf-8")("strict")
        self._open_quotes = 0
        self._line_bytes = 0
        self._last = b""
        self.is_utf8 = True
        self.zeros = False
        self.records = 0
        self.longest = 0
        self.has_quotes = False
        self.has_bare_returns = False

    def take(self, block: bytes) -> None:
        if self.is_utf8 and not (block.isascii() and self._utf8.getstate()[0] == b""):
            try:
                self._utf8.decode(block)
            except UnicodeDecodeError:
                self.is_utf8 = False
        self.zeros |= b"\x00" in block
        self._measure_lines(block)
        if b"\r" in block or self._last == b"\r":
            joined = self._last + block
            self.has_bare_returns |= joined.count(b"\r") != joined.count(b"\r\n") + joined.endswith(b"\r")
        self._count_records(block)
        self._last = block[-1:]

    def facts(self, encoding: str) -> TextFacts:
        balanced = self._open_quotes % 2 == 0
        try:
            self._utf8.decode(b"", final=True)
        except UnicodeDecodeError:
            return TextFacts(encoding="utf-8", errors="replace", notes=("The file ends inside a character.",))
        return TextFacts(
            encoding=encoding,
            records=self.records + (self._last != b"\n") if balanced else None,
            longest=self.longest,
            has_quotes=self.has_quotes,
            has_bare_returns=self.has_bare_returns or self._last == b"\r",
        )

    def _measure_lines(self, block: bytes) -> None:
        first, last = block.find(b"\n"), block.rfind(b"\n")
        self.longest = max(self.longest, self._line_bytes + (first if first >= 0 else len(block)))
        if last < 0:
            self._line_bytes += len(block)
        else:
            self._line_bytes = len(block) - last - 1
            # Where every piece of this size holds a line feed, no line is longer than two of them.
            starts = range(first, last, _SHORT_LINE)
            if all(block.find(b"\n", start, start + _SHORT_LINE) >= 0 for start in starts):
                self.longest = max(self.longest, min(last - first, 2 * _SHORT_LINE))
            else:
                ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == 10)
                self.longest = max(self.longest, int(np.diff(ends).max(initial=0)))
        self.longest = max(self.longest, self._line_bytes)
        if self.longest > self._max_line and b"\r" not in block:
            raise BadData(
                f"A line is longer than {self._max_line:,} bytes. Expected rows on lines of their own. "
                "Received one endless line.",
                remedy="Export the data again with one row per line.",
            )

    def _count_records(self, block: bytes) -> None:
        quotes = int(np.count_nonzero(np.frombuffer(block, dtype=np.uint8) == 34)) if b'"' in block else 0
        self.has_quotes |= quotes > 0
        if self._open_quotes % 2 == 0 and (not quotes or quotes == 2 * block.count(b'""')):
            self.records += int(np.count_nonzero(np.frombuffer(block, dtype=np.uint8) == 10))
            return
        codes = np.frombuffer(block, dtype=np.uint8)
        ends = np.flatnonzero(codes == 10)
        before = np.searchsorted(np.flatnonzero(codes == 34), ends) + self._open_quotes
        self.records += int(np.count_nonzero(before % 2 == 0))
        self._open_quotes += quotes


def _guess_utf16(head: bytes) -> str | None:
    """UTF-16 without a mark: line feeds, commas and digits leave zero bytes on one side, few others on the other.

    On the other side stand the zeros of U+4E00 (one of the most frequent characters of Chinese), U+3000 and the like.
    """
    if len(head) < 4 or len(head) % 2 or b"\x00" not in head:
        return None
    codes = np.frombuffer(head[: 1 << 16], dtype=np.uint8)
    zeros = codes.reshape(-1, 2) == 0
    even, odd = (int(count) for count in zeros.sum(axis=0))
    is_lopsided = min(even, odd) <= 0.5 * max(even, odd) and not zeros.all(axis=1).any()
    if max(even, odd) < 0.02 * len(codes) or not is_lopsided:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _wide_facts(path: Path, encoding: str) -> TextFacts:
    stray = sum(text.count("\ufffd") for text in _decoded(path, encoding, "replace"))
    for text in _decoded(path, encoding, "replace"):
        if "\x00" in text:
            raise BadData(
                f"{path.name!r} is not text. Expected a table in a text encoding. Received characters of value 0.",
                remedy="Save the data as CSV (UTF-8) and give that file.",
            )
    if not stray:
        return TextFacts(encoding=encoding)
    note = f"{stray:,} characters that are not {encoding} were read as \ufffd."
    return TextFacts(encoding=encoding, errors="replace", notes=(note,))


def _other_facts(path: Path, scan: _Scan, bom: str | None) -> TextFacts:
    """Not UTF-8 throughout: UTF-8 with stray bytes, GB18030, or a Western single-byte encoding."""
    pairs, stray, first_line = _weigh_utf8(path)
    if bom or pairs >= 2 * stray:
        _register_handlers()
        note = f"{stray:,} bytes that are not UTF-8, the first on line {first_line:,}, were read as Western characters."
        return TextFacts(encoding="utf-8", errors="aimass-western", notes=(note,))
    runs = _high_runs(path)
    if _looks_chinese(runs):
        stray = sum(text.count("\ufffd") for text in _decoded(path, "gb18030", "replace"))
        if stray <= len(runs) / 100:
            note = f"{stray:,} characters that are not GB18030 were read as \ufffd."
            return TextFacts(
                encoding="gb18030", errors="replace" if stray else "strict", notes=(note,) * bool(stray)
            )
    undefined = any(_CP1252_UNDEFINED.search(run) for run in runs)
    encoding = "latin-1" if undefined or not _decodes(path, "cp1252") else "cp1252"
    note = "The file is not UTF-8; it was read as Western European text. Save it as UTF-8 if that is wrong."
    return TextFacts(encoding=encoding, notes=(note,))


def _looks_chinese(runs: list[bytes]) -> bool:
    """In GB18030 the common characters are two high bytes; Western letters stand alone among ASCII."""
    pairs = common = 0
    for run in runs:
        found = _GB_PAIR.findall(_GB_FOUR.sub(b" ", run))
        pairs += len(found)
        common += sum(lead >= 0xA1 and trail >= 0xA1 for lead, trail in found)
    return pairs > 0 and common >= 0.5 * pairs


def _weigh_utf8(path: Path) -> tuple[int, int, int]:
    """Return (whole multi-byte characters, bytes that belong to none, line of the first such byte)."""
    pairs = stray = line = first = 0
    for raw in _lines(path):
        line += 1
        if raw.isascii():
            continue
        whole = _UTF8_PAIR.findall(raw)
        pairs += len(whole)
        odd = sum(byte > 127 for byte in raw) - sum(map(len, whole))
        stray += odd
        first = first or (line if odd else 0)
    return pairs, stray, first


def _high_runs(path: Path) -> list[bytes]:
    runs: list[bytes] = []
    seen = 0
    for raw in _lines(path):
        if not raw.isascii():
            found = _HIGH_RUN.findall(raw)
            runs += found
            seen += sum(map(len, found))
        if seen > _EVIDENCE_BYTES:
            break
    return runs


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _decodes(path: Path, encoding: str) -> bool:
    try:
        for _ in _decoded(path, encoding, "strict"):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _decoded(path: Path, encoding: str, errors: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _as_western(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeDecodeError):
        raise problem
    raw = problem.object[problem.start : problem.end]
    return raw.decode("latin-1"), problem.end


def _register_handlers() -> None:
    codecs.register_error("aimass-western", _as_western)
