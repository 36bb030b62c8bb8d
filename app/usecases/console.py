"""What whoever has the machine's own console may ask of the box, by name; the answers are JSON values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from app.usecases import accounts, backup
from app.usecases.accounts import CONSOLE, Account
from app.usecases.refusals import NotFound
from app.wiring import Appliance
from engine.words import words
from store.users import Role

Arguments = Mapping[str, str]


def perform(box: Appliance, verb: str, arguments: Arguments) -> Any:
    """Do one of `VERBS`.   Raises: NotFound for any other; what the verb raises."""
    if verb not in VERBS:
        raise NotFound(
            words("The server does not know {verb!r}.", verb=verb[:80]),
            remedy=words("Use the same build as the server."),
        )
    return VERBS[verb](box, arguments)


def _list(box: Appliance, arguments: Arguments) -> Any:
    return [_told(account) for account in accounts.list_users(box, CONSOLE)]


def _add(box: Appliance, arguments: Arguments) -> Any:
    made = accounts.add_user(
        box,
        CONSOLE,
        name=arguments["name"],
        display=arguments.get("display", ""),
        role=cast(Role, arguments.get("role", "member")),
    )
    return {**_told(made.account), "link": _address(box, made.token or "")}


def _link(box: Appliance, arguments: Arguments) -> Any:
    token = accounts.create_password_link(box, CONSOLE, arguments["name"])
    return {"name": arguments["name"], "link": _address(box, token)}


def _unlock(box: Appliance, arguments: Arguments) -> Any:
    accounts.unlock_user(box, CONSOLE, arguments["name"])
    return {"name": arguments["name"]}


def _disable(box: Appliance, arguments: Arguments) -> Any:
    return _told(accounts.disable_user(box, CONSOLE, arguments["name"]))


def _enable(box: Appliance, arguments: Arguments) -> Any:
    return _told(accounts.enable_user(box, CONSOLE, arguments["name"]))


def _role(box: Appliance, arguments: Arguments) -> Any:
    return _told(accounts.set_role(box, CONSOLE, arguments["name"], cast(Role, arguments["role"])))


def _backup(box: Appliance, arguments: Arguments) -> Any:
    made = backup.make_backup(box, CONSOLE, Path(arguments["target"]))
    return {
        "target": arguments["target"],
        "files": made.files,
        "bytes": made.bytes,
        "missing": list(made.missing),
    }


VERBS: Mapping[str, Callable[[Appliance, Arguments], Any]] = {
    "user list": _list,
    "user add": _add,
    "user link": _link,
    "user unlock": _unlock,
    "user disable": _disable,
    "user enable": _enable,
    "user role": _role,
    "backup": _backup,
}


def _address(box: Appliance, token: str) -> str:
    return f"{box.serve.address}/password/{token}"


def _told(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "display": account.display,
        "role": account.role,
        "created_at": account.created_at.isoformat(),
        "disabled_at": account.disabled_at.isoformat() if account.disabled_at else None,
        "seen_at": account.seen_at.isoformat() if account.seen_at else None,
        "has_password": account.has_password,
    }
