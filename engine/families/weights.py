"""The folder of imported weights: which networks it has weights for, and that their bytes are still those imported."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.errors import WorkFailed
from engine.families.trained_networks import BY_NAME
from engine.files import read_json, write_json
from engine.specs.codec import from_json, to_json
from engine.words import Words, words

LIST = "weights.json"
_LOCK = ".lock"
_BLOCK = 4 << 20


@dataclass(frozen=True, kw_only=True)
class Weights:
    """The weights of one network.

    network: one of `trained_networks`.   file, sha256, bytes: as kept in the folder, where import wrote them anew.
    original, original_sha256: the file that was imported.   added_at: ISO 8601 in UTC.   added_by: a person.
    source: where the file is from and on what terms, in the administrator's words.
    """

    network: str
    file: str
    sha256: str
    bytes: int
    original: str
    original_sha256: str
    added_at: str
    added_by: str
    source: str = ""


def read_weights(folder: Path | None) -> tuple[Weights, ...]:
    """Return what the folder's list names, in its order; () where there is no folder or no list."""
    if folder is None or not (folder / LIST).exists():
        return ()
    return tuple(from_json(Weights, one) for one in read_json(folder / LIST)["weights"])


def networks_in(folder: Path | None) -> tuple[str, ...]:
    """Return the networks that have weights there, names that are known, of files that are there."""
    return tuple(
        one.network
        for one in read_weights(folder)
        if one.network in BY_NAME and folder is not None and (folder / one.file).is_file()
    )


def weights_file(folder: Path | None, network: str) -> Path:
    """Return the file with the weights of `network`, its checksum looked at.

    Raises: WorkFailed when there is none, or when its bytes are not those that were imported.
    """
    found = next((one for one in read_weights(folder) if one.network == network), None)
    if folder is None or found is None or not (folder / found.file).is_file():
        raise WorkFailed(missing(network), remedy=words("Add the weights, or choose another network."))
    path = folder / found.file
    if sha256_of(path) != found.sha256:
        raise WorkFailed(
            words(
                "The weights of {title} are not those that were imported: the file {name!r} has changed.",
                title=BY_NAME[network].title,
                name=found.file,
            ),
            remedy=words("Import them again with `aimass weights add`."),
        )
    return path


def missing(network: str) -> Words:
    """Return the sentence for a network without weights."""
    return words(
        "There are no weights for {title}. An administrator can add them with `aimass weights add`.",
        title=BY_NAME[network].title,
    )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def note_weights(folder: Path, weights: Weights) -> None:
    """Put `weights` on the folder's list, in place of others for the same network."""
    with _alone(folder):
        _write(folder, [*(one for one in read_weights(folder) if one.network != weights.network), weights])


def forget_weights(folder: Path, network: str) -> Weights | None:
    """Take a network off the folder's list and delete its file; return what was there, or None."""
    if not folder.is_dir():
        return None
    with _alone(folder):
        held = read_weights(folder)
        found = next((one for one in held if one.network == network), None)
        if found is not None:
            _write(folder, [one for one in held if one.network != network])
            (folder / found.file).unlink(missing_ok=True)
        return found


def _write(folder: Path, held: list[Weights]) -> None:
    write_json(folder / LIST, {"version": 1, "weights": to_json(held)})


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time change the list."""
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
