"""`aimass user`, `backup` and `restore`: the same answer whether a server has the folder or not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import cli
from app.cli_admin import USER_VERBS
from app.console import Console
from app.usecases.accounts import Person
from app.usecases.console import VERBS
from app.wiring import Appliance
from store.folder import DataFolder, FolderClaim
from tests.app.usecases.doorstep import ada, clock, door
from tests.engine.made_weights import SMALL, weights_folder

__all__ = ["ada", "clock", "door"]

pytestmark = pytest.mark.slow


def aimass(*arguments: str) -> int:
    return cli.main(list(arguments))


@pytest.fixture(params=["no server", "a server"])
def folder(request: pytest.FixtureRequest, door: Appliance, ada: Person) -> Iterator[str]:
    """The folder of a box with an administrator, closed or in the hands of a server."""
    if request.param == "no server":
        door.db.close()
        yield str(door.folder.root)
        return
    with FolderClaim(door.folder):
        console = Console(door)
        console.start()
        yield str(door.folder.root)
        console.close()


def test_people_are_looked_after(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert aimass("user", "add", "Bob", "--display", "Bob B.", "--data-dir", folder) == 0
    assert "bob chooses a password at http" in capsys.readouterr().err
    assert aimass("user", "role", "bob", "--role", "admin", "--data-dir", folder) == 0
    assert aimass("user", "disable", "bob", "--data-dir", folder) == 0
    assert aimass("user", "list", "--data-dir", folder, "--json") == 0
    listed = json.loads(capsys.readouterr().out)["users"]
    assert [(user["name"], user["role"], bool(user["disabled_at"])) for user in listed] == [
        ("ada", "admin", False),
        ("bob", "admin", True),
    ]
    assert aimass("user", "enable", "bob", "--data-dir", folder) == 0
    assert aimass("user", "unlock", "bob", "--data-dir", folder) == 0
    assert aimass("user", "link", "bob", "--data-dir", folder, "--json") == 0
    assert "/password/" in json.loads(capsys.readouterr().out)["link"]


def test_a_refusal_has_a_remedy(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert aimass("user", "disable", "ada", "--data-dir", folder) == 2
    assert "last administrator" in capsys.readouterr().err
    assert aimass("user", "link", "eve", "--data-dir", folder) == 2
    assert "no user 'eve'" in capsys.readouterr().err


def test_a_backup_is_put_back(folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy, back = tmp_path / "copy", tmp_path / "back"
    assert aimass("backup", str(copy), "--data-dir", folder) == 0
    assert aimass("backup", str(copy), "--data-dir", folder) == 2
    assert aimass("restore", str(copy), "--data-dir", folder) == 2
    assert aimass("restore", str(copy), "--data-dir", str(back)) == 0
    capsys.readouterr()
    assert aimass("user", "list", "--data-dir", str(back)) == 0
    assert capsys.readouterr().err.startswith("ada  Ada L.  (admin)")


def test_a_folder_without_data_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert aimass("user", "list", "--data-dir", str(tmp_path / "absent")) == 2
    assert "There is no data" in capsys.readouterr().err
    assert not (tmp_path / "absent").exists()


def test_a_folder_that_is_taken_by_something_mute_is_a_sentence(
    door: Appliance, ada: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FolderClaim(door.folder):
        assert aimass("user", "list", "--data-dir", str(door.folder.root)) == 1
    assert "does not answer" in capsys.readouterr().err
    aimass("backup", str(tmp_path / "copy"), "--data-dir", str(door.folder.root))
    with FolderClaim(DataFolder(tmp_path / "held")):
        assert aimass("restore", str(tmp_path / "copy"), "--data-dir", str(tmp_path / "held")) in {2, 73}


def test_every_action_is_a_verb_of_the_console() -> None:
    assert {f"user {action}" for action in USER_VERBS} | {"backup"} == set(VERBS)


def test_a_name_is_asked_for(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert aimass("user", "add", "--data-dir", folder) == 2
    assert "name is missing" in capsys.readouterr().err
    with pytest.raises(SystemExit) as refusal:
        aimass("user", "erase", "ada")
    assert refusal.value.code == 2


def test_weights_are_listed_and_removed_without_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(weights_folder(), tmp_path / "weights")
    monkeypatch.delenv("AIMASS_WEIGHTS", raising=False)
    here = ("--data-dir", str(tmp_path))
    assert aimass("weights", "list", "--json", *here) == 0
    assert [one["network"] for one in json.loads(capsys.readouterr().out)["weights"]] == [SMALL]
    assert aimass("weights", "list", *here) == aimass("weights", "remove", SMALL, *here) == 0
    assert f"{SMALL}  1." in capsys.readouterr().err
    assert aimass("weights", "remove", SMALL, *here) == 2
    assert aimass("weights", "add", "w.h5", *here) == 2
    assert "not said which weights" in capsys.readouterr().err
