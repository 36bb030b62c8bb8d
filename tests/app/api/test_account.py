from __future__ import annotations

import pytest

from tests.app.api.conftest import Program
from tests.served import ADMIN, Served

pytestmark = pytest.mark.slow


def test_a_program_acts_as_its_owner(program: Program) -> None:
    account = program.call("GET", "/account").json
    assert (account["name"], account["role"]) == (ADMIN, "admin")
    assert set(account) == {"id", "name", "display", "role"}


def test_a_key_is_shown_once_and_ends_for_good(program: Program, served: Served) -> None:
    made = program.call("POST", "/account/keys", {"name": "short-lived"}).json
    listed = program.call("GET", "/account/keys")
    assert made["secret"] not in listed.text
    assert "hash" not in listed.text
    other = Program(served.client(), made["secret"])
    assert other.call("GET", "/account").status == 200
    assert program.call("DELETE", f"/account/keys/{made['key']['id']}").status == 204
    assert other.call("GET", "/account").status == 401
    other.client.close()


def test_a_key_for_asking_does_not_open_the_api(program: Program, served: Served) -> None:
    made = program.call("POST", "/account/keys", {"name": "asks", "scope": "infer"}).json
    asks = Program(served.client(), made["secret"])
    assert asks.call("GET", "/account").status == 401
    asks.client.close()


def test_no_secret_lies_on_the_disk_in_clear(program: Program, served: Served) -> None:
    program.call("GET", "/account")
    holders = [
        path
        for path in served.folder.rglob("*")
        if path.is_file() and program.secret.encode() in path.read_bytes()
    ]
    assert holders == []
