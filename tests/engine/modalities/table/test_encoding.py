"""Encodings are told from all bytes of a file, and the lines are counted on the way."""

from __future__ import annotations

import codecs
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import BadData
from engine.modalities.table.encoding import head_facts, read_facts, transcode
from engine.modalities.table.limits import ImportLimits

LIMITS = ImportLimits(max_line_bytes=1 << 20)
GERMAN = "Straße,Größe,Maß\nMüller,züge,früh\nÄpfel,Öl,Übel\n"
FRENCH = "prénom,été,créée\nHélène,gâteau,garçon\nZoë,où,déjà\n"
CHINESE = "名称,城市,说明\n张三,北京,很好\n李四,上海,一般\n"
TYPOGRAPHIC = "name,price\n“Bob”,5€\nAnn’s,7€\n"


def write(folder: Path, content: bytes) -> Path:
    path = folder / "data.csv"
    path.write_bytes(content)
    return path


def decoded(path: Path, limits: ImportLimits = LIMITS) -> str:
    target = path.with_name("utf8.txt")
    transcode(path, target, read_facts(path, limits))
    return target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "written", "told"),
    [
        (GERMAN, "utf-8", "utf-8"),
        (GERMAN, "utf-8-sig", "utf-8-sig"),
        (GERMAN, "utf-16", "utf-16"),
        (GERMAN, "utf-32", "utf-32"),
        (GERMAN, "utf-16-le", "utf-16-le"),
        (GERMAN, "utf-16-be", "utf-16-be"),
        (GERMAN, "latin-1", "cp1252"),
        (FRENCH, "latin-1", "cp1252"),
        (TYPOGRAPHIC, "cp1252", "cp1252"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "gbk", "gb18030"),
        (CHINESE, "utf-16-le", "utf-16-le"),
        (CHINESE, "utf-16-be", "utf-16-be"),
        ("名,a\n𠀀,1\n㐀,2\n中,3\n", "gb18030", "gb18030"),
        ("a,b\n1,2\n", "ascii", "utf-8"),
        ("a\x81,b\n\x8dx,2\n", "latin-1", "latin-1"),
    ],
)
def test_text_comes_back_whatever_it_was_written_in(
    text: str, written: str, told: str, tmp_path: Path
) -> None:
    path = write(tmp_path, text.encode(written))
    facts = read_facts(path, LIMITS)
    assert (facts.encoding, facts.errors) == (told, "strict")
    assert decoded(path) == text


def test_one_byte_behind_many_megabytes_decides(tmp_path: Path) -> None:
    path = write(tmp_path, b"plain,1\n" * 700_000 + "Müller,2\n".encode("latin-1"))
    assert path.stat().st_size > 4 << 20
    head = head_facts(path, LIMITS)
    assert head is not None and head.encoding == "utf-8"
    assert read_facts(path, LIMITS).encoding == "cp1252"
    assert decoded(path).endswith("Müller,2\n")


def test_a_few_stray_bytes_do_not_spoil_a_utf8_file(tmp_path: Path) -> None:
    body = CHINESE.encode() * 5 + b"caf\xe9,1,2\n" + CHINESE.encode()
    path = write(tmp_path, body)
    facts = read_facts(path, LIMITS)
    assert not facts.is_utf8
    assert "1 bytes that are not UTF-8, the first on line 16," in facts.notes[0]
    assert decoded(path) == CHINESE * 5 + "café,1,2\n" + CHINESE
    marked = write(tmp_path, codecs.BOM_UTF8 + b"a,b\ncaf\xe9,1\n")
    assert decoded(marked).endswith("a,b\ncafé,1\n")


def test_a_stray_byte_in_gb18030_costs_one_character(tmp_path: Path) -> None:
    path = write(tmp_path, (CHINESE * 100).encode("gb18030") + b"\xff,1,2\n")
    facts = read_facts(path, LIMITS)
    assert (facts.encoding, facts.errors) == ("gb18030", "replace") and "1 characters" in facts.notes[0]
    assert decoded(path) == CHINESE * 100 + "\ufffd,1,2\n"


def test_a_file_cut_inside_a_character_loses_that_character_only(tmp_path: Path) -> None:
    path = write(tmp_path, CHINESE.encode()[:-2])
    assert read_facts(path, LIMITS).notes == ("The file ends inside a character.",)
    assert decoded(path) == CHINESE[:-2] + "\ufffd"
    wide = write(tmp_path, "a,b\n1,2\n".encode("utf-16")[:-1])
    assert decoded(wide) == "a,b\n1,2\ufffd"


@pytest.mark.parametrize("content", [b"a,b\n1,\x00\x00\n" * 9, "a,b\n\x00,1\n".encode("utf-16"), bytes(100)])
def test_zeros_are_no_text(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(BadData, match="not text"):
        read_facts(write(tmp_path, content), LIMITS)


def test_an_endless_line_is_refused_and_a_long_one_measured(tmp_path: Path) -> None:
    limits = replace(LIMITS, max_line_bytes=300_000)
    body = b"a,b\n" * 50_000 + b"x" * 299_999 + b"\n" + b"c,d\n" * 50_000
    assert read_facts(write(tmp_path, body), limits).longest == 300_000
    with pytest.raises(BadData, match="longer than 300,000 bytes"):
        read_facts(write(tmp_path, b"a,b\n" + b"x" * 300_001), limits)


@pytest.mark.parametrize(
    ("content", "records", "has_quotes", "has_bare_returns"),
    [
        (b"a,b\n1,2\n", 2, False, False),
        (b"a,b\n1,2", 2, False, False),
        (b"a,b\r\n1,2\r\n", 2, False, False),
        (b"a,b\r1,2\r", 1, False, True),
        (b"a,b\n1\r,2\n", 2, False, True),
        (b'a,b\n"1\n2",3\n', 2, True, False),
        (b'a,b\n"x ""\n"" y",3\n4,5\n', 3, True, False),
        (b'a,b\n"never closed,3\n4,5\n', None, True, False),
    ],
)
def test_records_quotes_and_returns_are_counted(
    content: bytes, records: int | None, has_quotes: bool, has_bare_returns: bool, tmp_path: Path
) -> None:
    facts = read_facts(write(tmp_path, content), LIMITS)
    assert (facts.records, facts.has_quotes, facts.has_bare_returns) == (
        records,
        has_quotes,
        has_bare_returns,
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(
        st.sampled_from([b"\n", b"\r\n", b"\r", b'"', b"a", b",", "é".encode(), "中".encode()]), max_size=40
    )
)
def test_where_blocks_end_makes_no_difference(pieces: list[bytes], tmp_path: Path) -> None:
    content = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        whole = read_facts(write(tmp_path, content), LIMITS)
        patch.setattr("engine.modalities.table.encoding._BLOCK", 3)
        cut = read_facts(write(tmp_path, content), LIMITS)
    assert replace(cut, longest=0) == replace(whole, longest=0) and whole.is_utf8
    longest = max(map(len, content.split(b"\n")))
    assert cut.longest >= longest and whole.longest >= longest


def test_the_head_speaks_only_for_plain_utf8(tmp_path: Path) -> None:
    plain = head_facts(write(tmp_path, codecs.BOM_UTF8 + b"a,b\n1,2\n"), LIMITS)
    assert plain is not None and plain.encoding == "utf-8-sig"
    for other in (GERMAN.encode("latin-1"), GERMAN.encode("utf-16"), b"a\x00b\n", b"a,b\r1,2\r"):
        assert head_facts(write(tmp_path, other), LIMITS) is None
