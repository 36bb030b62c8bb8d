"""The services folder as it is served: polled, loaded, proven, and swapped only for what has proven itself.

A service's files are read, never written, here. A version goes live once its file has the SHA-256 that was promised and
answers its golden rows; until then, and if it never does, the one before keeps answering.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from app.inference.memory import give_back
from app.inference.refused import Refused, not_found
from app.inference.tensors_in import Signature
from engine.errors import AimassError, BadModel
from engine.serving.fields import InputField, input_fields
from engine.serving.model import ServedModel
from engine.serving.session import read_model_bytes
from engine.serving.verify import verify_model

SERVICE_FILE = "service.json"
#: Names that are part of an address: no dot, no slash; "stats" would hide /v2/models/stats.
SERVICE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
FORBIDDEN_NAMES = frozenset({"stats"})
_MODEL_FILE = re.compile(r"versions/[0-9]{1,9}/model\.onnx")
_MOST_SERVICE_BYTES = 1 << 20

#: What a file may raise that is not what it says; it must not keep other services from being looked at.
UNREADABLE = (ArithmeticError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError)

State = Literal["READY", "UNAVAILABLE", "LOADING"]


@dataclass(frozen=True, kw_only=True)
class LoadedVersion:
    """A version that answers.   sha256: of its file."""

    version: str
    sha256: str
    model: ServedModel
    signature: Signature
    fields: tuple[InputField, ...]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a service's file asks for.   live: None while it is stopped.   versions: version → file, SHA-256."""

    name: str
    title: str
    live: str | None
    versions: Mapping[str, tuple[Path, str]]


@dataclass
class Entry:
    """A service: what is asked for, what answers, and what could not be loaded, with the reason."""

    wish: Wish
    loaded: LoadedVersion | None = None
    broken: dict[str, str] = field(default_factory=dict)
    is_unloaded: bool = False
    is_loading: bool = False
    stamps: dict[str, object] = field(default_factory=dict)

    @property
    def is_wanted(self) -> bool:
        return self.wish.live is not None and not self.is_unloaded

    @property
    def reason(self) -> str:
        """Why the service does not answer with its live version, "" when it does."""
        if self.wish.live is None:
            return "The service is stopped."
        if self.is_unloaded:
            return "unloaded"
        return self.broken.get(self.wish.live, "")


class Repository:
    """The services of one folder. `refresh` runs in a thread; everything else only looks.

    log: receives one line per change that a person should know of.
    """

    def __init__(self, folder: Path, log: Callable[[str], None]) -> None:
        self.folder = folder
        self.is_read = False
        self._log = log
        self._entries: dict[str, Entry] = {}
        self._stamps: dict[str, object] = {}
        self._lock = threading.Lock()

    @property
    def entries(self) -> Mapping[str, Entry]:
        return self._entries

    def entry(self, name: str) -> Entry:
        """Return a service.   Raises: Refused (404)."""
        found = self._entries.get(name)
        if found is None:
            raise not_found("model", name)
        return found

    def loaded(self, name: str, version: str | None = None) -> LoadedVersion:
        """Return the version that answers, which is `version` if one is named.   Raises: Refused (404)."""
        entry = self.entry(name)
        found = entry.loaded
        if found is None:
            raise not_found("loaded model", name)
        if version is not None and version != found.version:
            raise not_found("loaded version", f"{version} of {name}")
        return found

    @property
    def is_ready(self) -> bool:
        """Every service that is wanted answers, be it with the version before."""
        return self.is_read and all(e.loaded is not None for e in list(self._entries.values()) if e.is_wanted)

    @property
    def is_degraded(self) -> bool:
        return any(e.is_wanted and e.reason for e in list(self._entries.values()))

    def refresh(self) -> None:
        """Bring what is served in line with the folder. Runs of several threads take turns."""
        with self._lock:
            names = sorted(self._names())
            for name in [name for name in self._entries if name not in names]:
                del self._entries[name]
                self._stamps.pop(name, None)
                self._log(f"Service {name} is gone.")
            for name in names:
                self._refresh(name)
            self.is_read = True

    def load(self, name: str) -> None:
        """Load a service that was unloaded, or look again at one.   Raises: Refused: 404, or 400 when it is broken."""
        entry = self.entry(name)
        with self._lock:
            entry.is_unloaded = False
            entry.broken.clear()
            entry.stamps.clear()
            self._settle(entry)
        if entry.wish.live is None:
            raise Refused(f"Service {name!r} is stopped.", code="stopped", remedy="Start it on its page.")
        if entry.reason:
            raise Refused(entry.reason, code="load_failed", remedy="Deploy another version.")

    def unload(self, name: str) -> None:
        """Stop answering until `load`, or until the service's file changes; twice is fine.   Raises: Refused (404)."""
        entry = self.entry(name)
        with self._lock:
            entry.is_unloaded = True
            self._settle(entry)

    def _names(self) -> list[str]:
        try:
            return [
                path.name
                for path in self.folder.iterdir()
                if SERVICE_NAME.fullmatch(path.name)
                and path.name not in FORBIDDEN_NAMES
                and (path / SERVICE_FILE).is_file()
            ]
        except OSError:
            return list(self._entries)

    def _refresh(self, name: str) -> None:
        file = self.folder / name / SERVICE_FILE
        seen = stamp(file)
        if seen is None:
            return
        if seen != self._stamps.get(name):
            self._stamps[name] = seen
            try:
                wish = read_wish(file)
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                self._log(f"Service {name}: its {SERVICE_FILE} cannot be read: {error!s:.200}")
                return
            entry = self._entries.get(name)
            if entry is None:
                entry = self._entries[name] = Entry(wish=wish)
            entry.wish, entry.is_unloaded = wish, False
        if name in self._entries:
            self._settle(self._entries[name])

    def _settle(self, entry: Entry) -> None:
        """Load what is wanted, drop what is not."""
        live = entry.wish.live
        if not entry.is_wanted or live is None:
            if entry.loaded is not None:
                entry.loaded = None
                give_back()
            return
        for version in _by_preference(live, entry):
            if entry.loaded is not None and entry.loaded.version == version:
                if entry.loaded.sha256 == entry.wish.versions[version][1]:
                    return
            elif entry.loaded is not None and version != live:
                return
            if self._try(entry, version):
                return

    def _try(self, entry: Entry, version: str) -> bool:
        """Load `version` if its file is new; tell whether it answers now."""
        path, sha256 = entry.wish.versions.get(version, (None, ""))
        if path is None:
            entry.broken[version] = f"Version {version} is not in the service's list."
            return False
        seen = (stamp(path), sha256)
        if version in entry.broken and entry.stamps.get(version) == seen:
            return False
        entry.stamps[version] = seen
        entry.is_loading = entry.loaded is None
        try:
            loaded = load_version(version, path, sha256)
        except (AimassError, *UNREADABLE) as error:
            why = error.message if isinstance(error, AimassError) else type(error).__name__
            entry.broken[version] = f"Version {version} could not be loaded: {why}"
            self._log(f"Service {entry.wish.name}: {entry.broken[version]}")
            return False
        finally:
            entry.is_loading = False
        entry.broken.pop(version, None)
        entry.loaded = loaded
        give_back()
        self._log(f"Service {entry.wish.name} answers with version {version}.")
        return True


def _by_preference(live: str, entry: Entry) -> list[str]:
    """The live version, then the others from the newest: something should answer after a restart."""
    others = sorted((v for v in entry.wish.versions if v != live), key=int, reverse=True)
    return [live, *others]


def read_wish(file: Path) -> Wish:
    """Return what a service.json asks for.   Raises: OSError, ValueError, KeyError, TypeError, AttributeError."""
    if file.stat().st_size > _MOST_SERVICE_BYTES:
        raise ValueError("the file is too large")
    value: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    versions: dict[str, tuple[Path, str]] = {}
    for version, facts in value["versions"].items():
        if not version.isdecimal() or not _MODEL_FILE.fullmatch(facts["file"]):
            raise ValueError(f"version {version[:20]!r} names no file of the service")
        versions[version] = (file.parent / facts["file"], str(facts["sha256"]))
    live = value["live"]
    if live is not None and live not in versions:
        raise ValueError(f"the live version {str(live)[:20]!r} is not among its versions")
    return Wish(name=file.parent.name, title=str(value.get("title", "")), live=live, versions=versions)


def load_version(version: str, path: Path, sha256: str) -> LoadedVersion:
    """Open a model file, prove it and so warm it up.

    Raises: AimassError when the file is not there, has another SHA-256 or does not answer its golden rows.
    """
    content = read_model_bytes(path)
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise BadModel(
            f"The file was changed. Expected SHA-256 {sha256[:64]}. Received {found}.",
            remedy="Deploy the version again, or another one.",
        )
    model = ServedModel.from_bytes(content)
    verify_model(model)
    signature = Signature(
        inputs=model.session.tensor_inputs, outputs=model.session.tensor_outputs, missing_allowed=True
    )
    return LoadedVersion(
        version=version, sha256=sha256, model=model, signature=signature, fields=input_fields(model.metadata)
    )


def stamp(file: Path) -> tuple[int, int, int] | None:
    """Return what changes when a file is replaced or written; None where there is none."""
    try:
        facts = file.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino
