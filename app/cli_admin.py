"""The verbs that look after a box: `aimass user`, `aimass backup`, `aimass restore`, `aimass weights`.

Where a server has the folder, it does the work itself; otherwise this process opens the folder for a moment.
"""

from __future__ import annotations

import argparse
import getpass
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app import console, wiring
from app.serve_errors import folder_taken
from app.serve_options import INFERENCE_PORT, PORTAL_PORT
from app.settings import read_serve_settings, read_settings
from app.usecases import backup
from app.usecases.console import perform
from app.usecases.weights import add_weights, remove_weights, weights_place
from app.wiring import Appliance
from engine.errors import BadCommand
from engine.families.trained_networks import NETWORKS
from engine.families.weights import read_weights
from engine.specs.codec import to_json
from engine.words import words
from store.folder import DataFolder, FolderClaim, FolderOwned, is_claimed

WEIGHTS_VERBS = ("list", "add", "remove")
USER_VERBS = ("list", "add", "link", "unlock", "disable", "enable", "role")


def add_admin_verbs(verbs: Any) -> None:
    """Add the verbs to the subparsers of `aimass`."""
    user = verbs.add_parser("user", help="look after the people who may sign in")
    user.add_argument("action", choices=USER_VERBS, metavar="ACTION", help=", ".join(USER_VERBS))
    user.add_argument("name", nargs="?", metavar="NAME", help="user name; needed for all but list")
    user.add_argument(
        "--display", default="", metavar="TEXT", help="for add: name that others see (default: NAME)"
    )
    user.add_argument(
        "--role", choices=("admin", "member"), help="for add and role: what they may do (default: member)"
    )
    _add_common(user)
    copy = verbs.add_parser("backup", help="copy everything worth keeping, while the server works")
    copy.add_argument("target", metavar="TARGET", help="folder to make")
    _add_common(copy)
    back = verbs.add_parser("restore", help="put a backup into an empty data folder")
    back.add_argument("source", metavar="SOURCE", help="folder that `aimass backup` wrote")
    _add_common(back)
    weights = verbs.add_parser("weights", help="look after the weights of networks that others trained")
    weights.add_argument("action", choices=WEIGHTS_VERBS, metavar="ACTION", help=", ".join(WEIGHTS_VERBS))
    weights.add_argument("name", nargs="?", metavar="NAME", help="for add: the file; for remove: the network")
    weights.add_argument(
        "--network", metavar="NETWORK", help=f"for add: one of {', '.join(one.name for one in NETWORKS)}"
    )
    weights.add_argument(
        "--source", default="", metavar="TEXT", help="for add: where the file is from, and its licence"
    )
    _add_common(weights)


def run_user(options: argparse.Namespace) -> tuple[Any, list[str]]:
    """Do `aimass user …`; return the answer as JSON values and as lines for people."""
    if options.action != "list" and not options.name:
        raise BadCommand(
            words("A user name is missing."), remedy=words("Name somebody: aimass user ACTION NAME.")
        )
    given = {"name": options.name or "", "display": options.display, "role": options.role or "member"}
    answer = _perform(options, f"user {options.action}", given)
    if options.action == "list":
        return {"users": answer}, [_line(account) for account in answer] or ["There is nobody yet."]
    if "link" in answer:
        return answer, [
            f"{answer['name']} chooses a password at {answer['link']}",
            "The link works once, for three days.",
        ]
    told = {
        "disable": "is shut out",
        "enable": "may sign in again",
        "unlock": "may try again",
        "role": "has the role",
    }
    return answer, [
        f"{answer['name']} {told[options.action]}{' ' + answer['role'] if options.action == 'role' else ''}."
    ]


def run_backup(options: argparse.Namespace) -> tuple[Any, list[str]]:
    """Do `aimass backup`; return the answer as JSON values and as lines for people."""
    target = str(Path(options.target).absolute())
    answer = _perform(options, "backup", {"target": target})
    lines = [f"{answer['files']:,} files, {answer['bytes']:,} bytes → {target}"]
    lines += [f"Deleted while it was copied, so not in it: {name}" for name in answer["missing"]]
    return answer, lines


def run_restore(options: argparse.Namespace) -> tuple[Any, list[str]]:
    """Do `aimass restore`; return the answer as JSON values and as lines for people."""
    folder = _folder(options)
    try:
        made = backup.restore(Path(options.source), folder)
    except FolderOwned as error:
        raise folder_taken(error) from error
    answer = {"folder": str(folder.root), "files": made.files, "made_at": made.made_at}
    told = f"{made.files:,} files of {made.made_at} → {folder.root}"
    return answer, [told, "Everybody signs in anew, and keys for programs are made anew."]


def run_weights(options: argparse.Namespace) -> tuple[Any, list[str]]:
    """Do `aimass weights …`; return the answer as JSON values and as lines for people."""
    place = weights_place(read_settings(os.environ), _folder(options))
    if options.action == "list":
        held = read_weights(place)
        lines = [
            f"{one.network}  {one.bytes / 1e6:,.1f} MB  {one.sha256[:12]}  {one.added_at}  {one.original}  {one.source}"
            for one in held
        ]
        return {"weights": to_json(held)}, lines or ["There are none yet."]
    if not options.name or (options.action == "add" and not options.network):
        raise BadCommand(
            words("It is not said which weights are meant."),
            remedy=words("Say aimass weights add FILE --network NETWORK, or aimass weights remove NETWORK."),
        )
    if options.action == "remove":
        gone = remove_weights(place, options.name)
        return to_json(gone), [f"The weights of {gone.network} are gone; models made with them stay."]
    kept = add_weights(
        place, Path(options.name), network=options.network, source=options.source, by=getpass.getuser()
    )
    return to_json(kept), [f"{kept.original} fits {kept.network} → {place / kept.file}"]


def _perform(options: argparse.Namespace, verb: str, arguments: Mapping[str, str]) -> Any:
    folder = _folder(options)
    if not folder.database.exists():
        raise BadCommand(
            words("There is no data in {folder!r}.", folder=str(folder.root)),
            remedy=words("Name the folder of the server with --data-dir."),
        )
    if is_claimed(folder):
        return console.ask(folder, verb, arguments)
    with _box(folder) as box:
        return perform(box, verb, arguments)


@contextmanager
def _box(folder: DataFolder) -> Iterator[Appliance]:
    served = read_serve_settings(
        os.environ, host="127.0.0.1", port=PORTAL_PORT, inference_port=INFERENCE_PORT
    )
    try:
        claim = FolderClaim(folder)
    except FolderOwned as error:
        raise folder_taken(error) from error
    with claim:
        box = wiring.build(folder, read_settings(os.environ), served)
        try:
            yield box
        finally:
            box.db.close()


def _folder(options: argparse.Namespace) -> DataFolder:
    return DataFolder(Path(options.data_dir).resolve())


def _add_common(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--data-dir", default="data", metavar="DIR", help="data folder of the server (default: data)"
    )
    verb.add_argument("--json", action="store_true", help="print one JSON object on standard output")


def _line(account: Mapping[str, Any]) -> str:
    marks = [account["role"]]
    marks += ["disabled"] if account["disabled_at"] else []
    marks += [] if account["has_password"] else ["no password yet"]
    return f"{account['name']}  {account['display']}  ({', '.join(marks)})"
