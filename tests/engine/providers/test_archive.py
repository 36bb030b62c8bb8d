"""One table comes out of an honest archive; nothing comes out of a hostile one (SECURITY C06, C08)."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path

import pytest

from engine.errors import BadData
from engine.providers.archive import FREE_BYTES, is_archive, most_unpacked, unpack_only_table

TABLE = "a,b\n" + "1,2\n" * 100
MOST = 1 << 30


def packed(path: Path, *entries: tuple[str | zipfile.ZipInfo, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def unpack(path: Path, *, most: int = MOST) -> Path:
    folder = path.parent / "out"
    folder.mkdir(exist_ok=True)
    return unpack_only_table(path, folder, max_bytes=most)


@pytest.mark.parametrize(
    "beside",
    [
        (),
        (("__MACOSX/._data.csv", "x"), (".DS_Store", "x")),
        (("README.txt", "About these data."), ("licence.pdf", "%PDF")),
        (("folder/", ""),),
    ],
)
def test_the_one_table_comes_out(tmp_path: Path, beside: tuple[tuple[str, str], ...]) -> None:
    path = packed(tmp_path / "data.zip", ("inner/销售.CSV", TABLE), *beside)
    found = unpack(path)
    assert found.read_text() == TABLE and found == tmp_path / "out" / "销售.CSV"


def test_a_text_alone_is_the_table(tmp_path: Path) -> None:
    assert unpack(packed(tmp_path / "data.zip", ("only.txt", TABLE))).read_text() == TABLE
    assert unpack(packed(tmp_path / "more.zip", ("iris.dat", TABLE))).read_text() == TABLE


def test_what_is_no_archive_is_left_as_it_is(tmp_path: Path) -> None:
    plain = tmp_path / "data.csv"
    plain.write_text(TABLE)
    workbook = packed(tmp_path / "book.xlsx", ("xl/workbook.xml", "<x/>"))
    assert unpack(plain) == plain and unpack(workbook) == workbook
    assert not is_archive(plain) and not is_archive(workbook)


def linked(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    "name",
    ["../x.csv", "a/../../x.csv", "/etc/x.csv", "C:\\x.csv", "C:/x.csv", "\\\\host\\x.csv", "a\\..\\x.csv"],
)
def test_a_climbing_name_condemns_the_archive(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "evil.zip", ("good.csv", TABLE), (name, TABLE))
    with pytest.raises(BadData, match="not safe") as refused:
        unpack(path)
    assert refused.value.remedy and list((tmp_path / "out").iterdir()) == []
    assert not (tmp_path / "x.csv").exists()


def test_a_link_a_hidden_end_and_a_doubled_name_condemn_it(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="not safe"):
        unpack(packed(tmp_path / "link.zip", (linked("data.csv"), "/etc/passwd")))
    with pytest.raises(BadData, match="not safe"):
        unpack(packed(tmp_path / "case.zip", ("data.csv", TABLE), ("DATA.csv", TABLE)))
    nul = packed(tmp_path / "nul.zip", ("data.csvX.png", TABLE))
    nul.write_bytes(nul.read_bytes().replace(b"data.csvX.png", b"data.csv\0.png"))
    with pytest.raises(BadData, match="not safe"):
        unpack(nul)


def test_a_name_that_no_disk_takes_is_replaced(tmp_path: Path) -> None:
    assert unpack(packed(tmp_path / "long.zip", ("客" * 120 + ".csv", TABLE))).name == "table.csv"
    assert unpack(packed(tmp_path / "home.zip", ("~root.csv", TABLE))).name == "table.csv"


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ((("a.csv", TABLE), ("b.csv", TABLE)), "exactly one table"),
        ((), "exactly one table"),
        ((("inner.zip", "PK"),), "another archive"),
        ((("data.csv.gz", "x"), ("data.csv", TABLE)), "another archive"),
    ],
)
def test_not_exactly_one_table_is_refused(
    tmp_path: Path, entries: tuple[tuple[str, str], ...], words: str
) -> None:
    with pytest.raises(BadData, match=words):
        unpack(packed(tmp_path / "data.zip", *entries))


@pytest.mark.slow
def test_a_bomb_is_stopped_on_its_real_bytes(tmp_path: Path) -> None:
    """200 KB that claim to be 10 bytes and are 200 MB."""
    path = packed(tmp_path / "bomb.zip", ("data.csv", b"0" * (200 << 20)))
    most = most_unpacked(path, MOST)
    assert path.stat().st_size < 300_000 and most < FREE_BYTES + (30 << 20)
    with pytest.raises(BadData, match="unpacks to more"):
        unpack(path)
    assert (tmp_path / "out" / "data.csv").stat().st_size <= most
    claims = path.read_bytes().replace((200 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(claims)
    with pytest.raises(BadData):
        unpack(path)


def test_more_than_the_quota_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="at most 100 bytes"):
        unpack(packed(tmp_path / "data.zip", ("data.csv", TABLE)), most=100)


def test_a_broken_or_locked_archive_is_refused_in_a_sentence(tmp_path: Path) -> None:
    whole = packed(tmp_path / "data.zip", ("data.csv", zlib.compress(TABLE.encode()) * 50)).read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole[: len(whole) // 2])
    bad = bytearray(whole)
    bad[60:70] = b"\0" * 10
    flipped = tmp_path / "flipped.zip"
    flipped.write_bytes(bytes(bad))
    locked = tmp_path / "locked.zip"
    # Bit 0 of the flags, in the entry's own header and in the directory: the content is encrypted.
    secret = bytearray(whole)
    secret[6] |= 1
    secret[whole.rindex(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(bytes(secret))
    for path in (cut, flipped, locked):
        with pytest.raises(BadData, match="cannot be read"):
            unpack(path)
