"""Why a server does not start, in words: the folder is another's, or stands on ground that cannot carry it."""

from __future__ import annotations

import os

from engine.errors import AimassError
from engine.words import words
from store.folder import DataFolder, FolderOwned, foreign_files, network_file_system

_TAKEN = 73
_NO_RIGHTS = 77
_SHOWN = 3


class FolderTaken(AimassError):
    """Another living process owns the data folder."""

    exit_code = _TAKEN


class NoRights(AimassError):
    """Files of the data folder belong to someone else."""

    exit_code = _NO_RIGHTS


class WrongGround(AimassError):
    """The data folder lies where locks and flushes are a matter of luck."""

    exit_code = 2


def folder_taken(error: FolderOwned) -> FolderTaken:
    """Return the refusal of a second server, naming the first."""
    owner = error.owner
    if owner is None:
        who = words("another process")
    else:
        who = words(
            "process {pid} on {host}, since {since}", pid=owner.pid, host=owner.host, since=owner.started_at
        )
    return FolderTaken(
        words("The data folder {folder!r} is served by {who}.", folder=str(error.folder), who=who),
        remedy=words("Use that server, stop it first, or name another folder with --data-dir."),
    )


def refuse_bad_ground(folder: DataFolder, *, allow_network: bool) -> None:
    """Pass a folder that can be worked in.   Raises: WrongGround (RELIABILITY R4), NoRights (F42)."""
    kind = network_file_system(folder.root)
    if kind and not allow_network:
        raise WrongGround(
            words(
                "The data folder {folder!r} lies on a network file system ({kind}), where locks cannot be relied on.",
                folder=str(folder.root),
                kind=kind,
            ),
            remedy=words("Name a local folder with --data-dir, or take the risk with --allow-network-fs."),
        )
    foreign = foreign_files(folder) if folder.root.exists() else ()
    if foreign:
        raise NoRights(
            words(
                "User {user} may not write to {paths}.",
                user=os.getuid(),
                paths=", ".join(str(path) for path in foreign[:_SHOWN]),
            ),
            remedy=words("Give the files to this user with chown, then start again."),
        )
