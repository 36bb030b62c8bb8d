"""Weights of networks that others trained: an administrator's files, checked once and kept with their checksums."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from app.settings import GIB, Settings
from app.usecases.person import Person
from app.wiring import Appliance
from engine.errors import BadCommand, BadData, WorkFailed
from engine.families.trained_networks import BY_NAME, NETWORKS, TrainedNetwork
from engine.families.weights import (
    Weights,
    forget_weights,
    networks_in,
    note_weights,
    read_weights,
    sha256_of,
)
from engine.files import read_json
from engine.words import words, words_from_json
from store.folder import PRIVATE_FOLDER, DataFolder

SUFFIXES = (".weights.h5", ".h5", ".keras")
_LARGEST_BYTES = 2 * GIB
_PATIENCE_S = 900.0


def weights_place(settings: Settings, folder: DataFolder) -> Path:
    """Return the folder of weights: the one that the settings name, else the data folder's own."""
    return Path(settings.weights) if settings.weights else folder.weights


def with_weights(settings: Settings, folder: DataFolder) -> Settings:
    """Return the settings with the folder of weights named."""
    return dataclasses.replace(settings, weights=str(weights_place(settings, folder)))


def add_weights(place: Path, file: Path, *, network: str, source: str, by: str) -> Weights:
    """Check a file of weights by loading it, in a process with bounds, and keep what it holds; return how it is kept.

    place: the folder of weights.   source: where the file is from and on what terms.   by: who adds it.
    Raises: BadCommand for a network or file that is none; BadData when the file does not fit; WorkFailed.
    """
    known = _known(network)
    suffix = _suffix(file)
    place.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".tmp-", dir=place) as name:
        folder = Path(name)
        # The copy is what is checked and described: the original may change meanwhile.
        copy = folder / f"{file.name.removesuffix(suffix)[:100]}{suffix}"
        shutil.copyfile(file, copy)
        made = folder / f"{network}.npz"
        _check(network, copy, made)
        kept = Weights(
            network=network,
            file=f"{network}-{sha256_of(made)[:12]}.npz",
            sha256=sha256_of(made),
            bytes=made.stat().st_size,
            original=file.name,
            original_sha256=sha256_of(copy),
            added_at=datetime.now(UTC).isoformat(timespec="seconds"),
            added_by=by,
            source=source.strip()[:2000],
        )
        with made.open("rb") as written:
            os.fsync(written.fileno())
        made.replace(place / kept.file)
    before = next((one for one in read_weights(place) if one.network == known.name), None)
    note_weights(place, kept)
    if before is not None and before.file != kept.file:
        (place / before.file).unlink(missing_ok=True)
    return kept


def remove_weights(place: Path, network: str) -> Weights:
    """Delete the weights of a network; models made with them stay as they are.   Raises: BadCommand when none are."""
    found = forget_weights(place, _known(network).name)
    if found is None:
        raise BadCommand(
            words("There are no weights for {title} here.", title=BY_NAME[network].title),
            remedy=words("List those that there are: aimass weights list."),
        )
    return found


def networks_of(box: Appliance) -> tuple[str, ...]:
    """Return the networks that the box has weights for."""
    return networks_in(weights_place(box.settings, box.folder))


def weights_of(box: Appliance, who: Person) -> tuple[Weights, ...]:
    """Return the weights that the box has; none to whoever is no administrator."""
    return read_weights(weights_place(box.settings, box.folder)) if who.role == "admin" else ()


def adding_command(box: Appliance) -> str:
    """Return what an administrator types at the machine's console to add a file."""
    command = "scripts/aimass weights add FILE --network NETWORK --source TEXT"
    if box.settings.weights:
        return f"AIMASS_WEIGHTS={shlex.quote(box.settings.weights)} {command}"
    return f"{command} --data-dir {shlex.quote(str(box.folder.root))}"


def _known(network: str) -> TrainedNetwork:
    if network not in BY_NAME:
        raise BadCommand(
            words(
                "There is no network {name!r}. Expected one of {names}.",
                name=network[:80],
                names=", ".join(one.name for one in NETWORKS),
            ),
            remedy=words("Name the network that the file is for with --network."),
        )
    return BY_NAME[network]


def _suffix(file: Path) -> str:
    suffix = next((one for one in SUFFIXES if file.name.endswith(one)), None)
    if suffix is None or not file.is_file():
        raise BadCommand(
            words(
                "{name!r} is no file of weights. Expected: a file whose name ends in {suffixes}.",
                name=str(file)[:200],
                suffixes=", ".join(SUFFIXES),
            ),
            remedy=words("Name a file as Keras publishes it."),
        )
    if file.stat().st_size > _LARGEST_BYTES:
        raise BadCommand(
            words("The file {name!r} is larger than 2 GiB.", name=file.name),
            remedy=words("Name a file as Keras publishes it."),
        )
    return suffix


def _check(network: str, file: Path, made: Path) -> None:
    """Have another process load the file.   Raises: BadData with what it says; WorkFailed when it says nothing."""
    told = made.with_suffix(".json")
    command = [sys.executable, "-P", "-m", "app.jobs.check_weights"]
    command += [network, str(file), str(made), str(told)]
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE_S,
            check=False,
            env={**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
    answer = read_json(told) if told.exists() else {}
    if "message" in answer:
        raise BadData(words_from_json(answer["message"]), remedy=words_from_json(answer["remedy"]))
    if "weights" not in answer or not made.exists():
        raise WorkFailed(
            words("The file {name!r} could not be checked: its reader ended without a word.", name=file.name),
            remedy=words("Free some memory and try again; a file that fails again is damaged."),
        )
