from __future__ import annotations

import pytest

from tests.app.api.conftest import Program
from tests.served import ADMIN, Client, Served

pytestmark = pytest.mark.slow


def test_a_program_acts_as_its_owner(program: Program) -> None:
    account = program.call("GET", "/account").json
    assert (account["name"], account["role"]) == (ADMIN, "admin")
    assert set(account) == {"id", "name", "display", "role"}


@pytest.fixture
def browser(served: Served) -> Client:
    """The administrator's browser: keys are made and ended by who is signed in."""
    client = served.client()
    client.sign_in()
    return client


def test_a_key_is_shown_once_and_ends_for_good(program: Program, served: Served, browser: Client) -> None:
    made = browser.call("POST", "/api/v1/account/keys", {"name": "short-lived"}).json
    listed = program.call("GET", "/account/keys")
    assert made["secret"] not in listed.text
    assert "hash" not in listed.text
    other = Program(served.client(), made["secret"])
    assert other.call("GET", "/account").status == 200
    assert browser.call("DELETE", f"/api/v1/account/keys/{made['key']['id']}").status == 204
    assert other.call("GET", "/account").status == 401
    other.client.close()


def test_a_key_makes_and_ends_no_keys(program: Program) -> None:
    kept = program.call("GET", "/account/keys").json
    refused = [
        program.call("POST", "/account/keys", {"name": "another"}),
        program.call("DELETE", f"/account/keys/{kept[0]['id']}"),
    ]
    for answer in refused:
        assert (answer.status, answer.json["code"]) == (403, "forbidden")
        assert "neither make nor revoke" in answer.json["error"] and answer.json["remedy"]
    assert program.call("GET", "/account/keys").json == kept


def test_a_key_for_asking_does_not_open_the_api(served: Served, browser: Client) -> None:
    made = browser.call("POST", "/api/v1/account/keys", {"name": "asks", "scope": "infer"}).json
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
