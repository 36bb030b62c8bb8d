"""Keys are found by their hash alone, and nobody asks more often than they may."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from app.inference.keys import MOST_WRONG, Buckets, Caller, KeyRing, WrongKeys, secret_of
from app.inference.refused import Refused


def entry(secret: str, scope: str = "infer", service: str | None = "demo") -> dict[str, str | None]:
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return {"id": secret[:8], "sha256": digest, "scope": scope, "service": service, "user": "u"}


def write(folder: Path, *entries: dict[str, str | None]) -> None:
    (folder / "keys.json").write_text(json.dumps({"keys": entries}))


def test_a_key_is_found_once_its_file_was_read_and_gone_when_it_left(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    ring.refresh()
    assert ring.find("first-key") is None
    write(tmp_path, entry("first-key"), entry("manager1", "api", None))
    ring.refresh()
    found = ring.find("first-key")
    assert found is not None and found.may_ask("demo") and not found.may_ask("other")
    manager = ring.find("manager1")
    assert manager is not None and manager.may_ask("other") and manager.may_manage and not found.may_manage
    write(tmp_path, entry("manager1", "api", None))
    ring.refresh()
    assert (ring.find("first-key"), ring.find(""), ring.find("x" * 10_000)) == (None, None, None)


def test_a_hash_is_no_key(tmp_path: Path) -> None:
    write(tmp_path, entry("first-key"))
    ring = KeyRing(tmp_path)
    ring.refresh()
    assert ring.find(hashlib.sha256(b"first-key").hexdigest()) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"keys":[{}]}', '{"keys":3}'])
def test_a_broken_file_leaves_the_keys_as_they_were(tmp_path: Path, content: str) -> None:
    write(tmp_path, entry("first-key"))
    ring = KeyRing(tmp_path)
    ring.refresh()
    (tmp_path / "keys.json").write_text(content)
    ring.refresh()
    assert ring.find("first-key") is not None


def test_the_portals_own_key(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    for secret in ("first" * 8, "second" * 8):
        own = hashlib.sha256(secret.encode()).hexdigest()
        (tmp_path / "keys.json").write_text(json.dumps({"keys": [], "portal": own}))
        ring.refresh()
        assert ring.find(secret) == Caller(id="internal", scope="internal")
    assert (ring.find("first" * 8), ring.find("")) == (None, None)
    write(tmp_path)
    ring.refresh()
    assert ring.find("second" * 8) is None


def test_a_bucket_refills_with_time() -> None:
    now = [0.0]
    buckets = Buckets(rate=2.0, burst=3, clock=lambda: now[0])
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(Refused) as caught:
        buckets.take("a")
    assert (caught.value.status, caught.value.headers["Retry-After"]) == (429, "1")
    buckets.take("b")
    now[0] = 0.5
    buckets.take("a")
    now[0] = 100.0
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(Refused):
        buckets.take("a")


def test_an_address_that_is_wrong_too_often_waits_a_minute() -> None:
    now = [0.0]
    wrong = WrongKeys(clock=lambda: now[0])
    for _ in range(MOST_WRONG):
        wrong.check("1.2.3.4")
        wrong.add("1.2.3.4")
    with pytest.raises(Refused) as caught:
        wrong.check("1.2.3.4")
    assert int(caught.value.headers["Retry-After"]) >= 60
    wrong.check("5.6.7.8")
    now[0] = 61.0
    wrong.check("1.2.3.4")
    for number in range(10_050):
        wrong.add(f"address {number}")
    assert len(wrong._times) == 10_000


@pytest.mark.parametrize(
    ("headers", "secret"),
    [
        ({"authorization": "Bearer abc "}, "abc"),
        ({"authorization": "bearer abc"}, "abc"),
        ({"authorization": "Basic abc", "x-api-key": "def"}, "def"),
        ({"x-api-key": "def"}, "def"),
        ({"authorization": "Bearer"}, ""),
        ({}, ""),
    ],
)
def test_where_a_key_is_found(headers: dict[str, str], secret: str) -> None:
    assert secret_of(headers) == secret
