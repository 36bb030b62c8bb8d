"""The cache gives back what was put in, forgets rather than fails, and runs nothing that somebody put there."""

from __future__ import annotations

import os
import pickle
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.cache import Cache, _PlainDisk

BIG = b"x" * 200_000


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    opened = Cache(tmp_path / "cache")
    yield opened
    opened.close()


class Evil:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.mark),)


def rewrite(tmp_path: Path, sql: str, *values: object) -> None:
    with sqlite3.connect(tmp_path / "cache" / "cache.db") as connection:
        connection.execute(sql, values)
    connection.close()


@pytest.mark.parametrize(
    "value", [1, 1.5, True, None, "无", [1, {"a": [None]}], {}, b"", b"\0\xff", b"jb", BIG, "y" * 200_000]
)
def test_it_gives_back_what_was_put_in(cache: Cache, value: object) -> None:
    cache.set(["key", 1], value)
    kept = cache.get(["key", 1])
    assert kept == value
    assert type(kept) is type(value)
    assert cache.get(["key", 2]) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON | st.binary())
def test_anything_plain_survives_the_disk(value: object) -> None:
    disk = _PlainDisk("/nowhere", min_file_size=1 << 30)
    _, mode, filename, stored = disk.store(value, False)
    assert disk.fetch(mode, filename, bytes(stored), False) == value


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), Path("x")])
def test_what_is_not_plain_is_refused(cache: Cache, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        cache.set("key", value)
    assert cache.get("key") is None


@pytest.mark.parametrize("mode", [1, 2, 3, 4, 99])
def test_a_pickle_put_into_a_row_is_not_run(cache: Cache, tmp_path: Path, mode: int) -> None:
    cache.set("key", "fine")
    mark = tmp_path / "ran"
    rewrite(tmp_path, "UPDATE Cache SET mode = ?, value = ?", mode, pickle.dumps(Evil(mark)))
    assert cache.get("key") is None
    assert not mark.exists()
    cache.set("key", "again")
    assert cache.get("key") == "again"


def test_a_pickle_put_into_a_file_is_not_run(cache: Cache, tmp_path: Path) -> None:
    cache.set("key", BIG)
    mark = tmp_path / "ran"
    (file,) = (tmp_path / "cache").rglob("*.val")
    file.write_bytes(pickle.dumps(Evil(mark)))
    rewrite(tmp_path, "UPDATE Cache SET mode = 4, value = NULL")
    assert cache.get("key") is None
    assert not mark.exists()


def test_a_pickle_put_into_a_key_is_not_run(cache: Cache, tmp_path: Path) -> None:
    cache.set("key", "fine")
    mark = tmp_path / "ran"
    rewrite(tmp_path, "UPDATE Cache SET raw = 0, key = ?", pickle.dumps(Evil(mark)))
    assert cache.get("key") is None
    assert not mark.exists()


@pytest.mark.parametrize("name", ["../../secret", "/etc/hostname"])
def test_a_row_cannot_name_a_file_outside(cache: Cache, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"bsecret")
    cache.set("key", BIG)
    rewrite(tmp_path, "UPDATE Cache SET filename = ?", name if name.startswith("/") else "../secret")
    assert cache.get("key") is None
    assert (tmp_path / "secret").read_bytes() == b"bsecret"


def test_settings_put_into_its_file_are_not_ours(tmp_path: Path) -> None:
    """diskcache reads the class of its disk from its caller alone, and a hostile setting breaks nothing."""
    first = Cache(tmp_path / "cache")
    first.set("key", 1)
    first.close()
    mark = tmp_path / "ran"
    rewrite(tmp_path, "UPDATE Settings SET value = ? WHERE key = 'size_limit'", pickle.dumps(Evil(mark)))
    again = Cache(tmp_path / "cache")
    again.set("key", 2)
    assert again.get("key") == 2
    assert not mark.exists()
    again.close()


@pytest.mark.parametrize("harm", [b"", b"not a database" * 100])
def test_a_broken_one_is_made_anew(tmp_path: Path, harm: bytes) -> None:
    first = Cache(tmp_path / "cache")
    first.set("key", 1)
    first.close()
    for path in (tmp_path / "cache").glob("cache.db*"):
        path.write_bytes(harm)
    again = Cache(tmp_path / "cache")
    assert again.get("key") is None
    again.set("key", 2)
    assert again.get("key") == 2
    again.close()


def test_one_that_breaks_while_open_is_made_anew(cache: Cache, tmp_path: Path) -> None:
    cache.set("key", 1)
    rewrite(tmp_path, "DROP TABLE Cache")
    assert cache.get("key") is None
    cache.set("key", 2)
    assert cache.get("key") == 2


def test_a_lost_file_is_a_miss(cache: Cache, tmp_path: Path) -> None:
    cache.set("key", BIG)
    (file,) = (tmp_path / "cache").rglob("*.val")
    file.unlink()
    assert cache.get("key") is None


def test_an_entry_can_be_forgotten_or_expire(cache: Cache) -> None:
    cache.set("key", 1)
    cache.forget("key")
    cache.set("other", 1, expire_s=-1)
    assert cache.get("key") is None
    assert cache.get("other") is None


def test_its_folder_is_its_owners_alone(cache: Cache, tmp_path: Path) -> None:
    cache.set("key", 1)
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700
