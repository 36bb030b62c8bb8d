"""Whatever secret the box hands out or is told, none lies in its folder as it was said: hashes do, and only they.

The whole life of a box: accounts, keys, services, sign-ins that fail, a backup, a kill in the middle.
"""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.secrets_in import find_in_database, find_secrets
from tests.served import ADMIN, PASSWORD, ROOT, Client, Served
from tests.walked import Walked, walked

__all__ = ["walked"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
BOB_FIRST, BOB_LATER = "seven paper lanterns at sea", "one quiet harbour in winter"
MISTYPED, IN_THE_WRONG_FIELD, TOO_EASY = "grean tin bridge owl", "password in the name field", "hunter2!"
_TUMOUR = {"mean radius": 14.0}


def admin(folder: Path, *arguments: str) -> dict[str, Any]:
    """Run a verb of `aimass` beside the server."""
    command = [sys.executable, "-m", "app.cli", *arguments, "--data-dir", str(folder), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def made(client: Client, path: str, **asked: Any) -> str:
    answer = client.call("POST", path, asked)
    assert answer.status == 201, answer.text
    return str(answer.json["secret"])


def ask(server: Served, key: str) -> int:
    program = Client(server.inference_port)
    try:
        return program.call(
            "POST", "/v1/services/ward/predict", {"rows": [_TUMOUR]}, authorization=f"Bearer {key}"
        ).status
    finally:
        program.close()


def live(server: Served, backup: Path) -> list[str]:
    """Do everything that makes or takes a secret; return them all."""
    link = server.setup_path
    person = server.set_up()
    secrets = [link.rpartition("/")[2], PASSWORD, *person.cookies.values()]
    for name, password in ((ADMIN, MISTYPED), (IN_THE_WRONG_FIELD, PASSWORD), ("nobody", MISTYPED)):
        assert server.client().sign_in(name, password).status != 303
    secrets += [MISTYPED, IN_THE_WRONG_FIELD, TOO_EASY]
    assert server.client().get(link).status == 404
    other = server.client()
    assert other.sign_in().status == 303

    invitation = admin(server.folder, "user", "add", "carol")["link"].rpartition("/")[2]
    guest = server.client()
    easy = {"password": TOO_EASY, "again": TOO_EASY}
    assert guest.form(f"/password/{invitation}", easy).status == 422
    chosen = {"password": BOB_FIRST, "again": BOB_FIRST}
    assert guest.form(f"/password/{invitation}", chosen).status == 303
    secrets += [invitation, BOB_FIRST, *guest.cookies.values()]
    changed = {"old": BOB_FIRST, "password": BOB_LATER, "again": BOB_LATER}
    assert guest.form("/password", changed).status == 200
    forgotten = admin(server.folder, "user", "link", "carol")["link"].rpartition("/")[2]
    secrets += [BOB_LATER, forgotten, *guest.cookies.values(), *other.cookies.values()]
    assert other.form("/logout", {}).status == 303

    assert person.call("PUT", "/api/v1/services/ward", {"model": "tumours", "version": 1}).status == 200
    general = made(person, "/api/v1/account/keys", name="nightly", scope="api")
    service = made(person, "/api/v1/services/ward/keys", name="the ward")
    secrets += [general, service]
    program = server.client()
    assert program.call("GET", "/api/v1/account", authorization=f"Bearer {general}").status == 200
    assert program.call("GET", "/api/v1/account", authorization=f"Bearer {general}x").status == 401
    assert ask(server, f"{service}x") == 401
    _wait_for_answer(server, service)
    admin(server.folder, "backup", str(backup))
    return secrets


def _wait_for_answer(server: Served, key: str) -> None:
    """Wait until the plane has read the new key and the model; a row that lacks columns is understood by then."""
    for _attempt in range(200):
        if ask(server, key) not in (401, 404, 429, 503):
            return
        signal.sigtimedwait([], 0.1)
    raise AssertionError("The service did not begin to answer.")


def test_no_file_of_the_box_or_its_backup_holds_a_secret_in_clear(walked: Walked, tmp_path: Path) -> None:
    folder, backup = tmp_path / "data", tmp_path / "backup"
    shutil.copytree(walked.root, folder)
    with Served(folder) as server:
        secrets = live(server, backup)
        assert len(set(secrets)) >= 14
        assert (
            find_secrets(folder, secrets) == []
        )  # while it works, with what the database has not yet put away
        server.stop(signal.SIGKILL)
        assert find_secrets(folder, secrets) == []  # as a thief of the disk would find it
        server.start()
        assert find_secrets(folder, secrets) == []
    assert find_secrets(folder, secrets) == []
    assert find_secrets(backup, secrets) == []
    assert f"users: {ADMIN}" in find_in_database(folder / "aimass.duckdb", [ADMIN])
    assert find_in_database(folder / "aimass.duckdb", secrets) == []


@pytest.mark.parametrize("form", ["text", "bytes", "base64", "sqlite"])
def test_a_secret_that_is_there_is_found(form: str, tmp_path: Path) -> None:
    if form == "sqlite":
        database = sqlite3.connect(tmp_path / "cache.db")
        database.execute("CREATE TABLE cache (value BLOB)")
        database.execute("INSERT INTO cache VALUES (?)", (json.dumps({"key": PASSWORD}).encode(),))
        database.commit()
        database.close()
    else:
        content = {
            "text": f"somebody said {PASSWORD}.".encode("utf-16-le"),
            "bytes": b"\x00\xff" + PASSWORD.encode() + b"\x00",
            "base64": b"Basic bWVpOmdyZWVuIHRpbiBicmlkZ2Ugb3ds",
        }[form]
        (tmp_path / "found").write_bytes(content)
    (found,) = find_secrets(tmp_path, [PASSWORD, "another secret altogether"])
    assert found.endswith(PASSWORD)
