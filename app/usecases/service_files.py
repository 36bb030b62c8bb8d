"""The services folder as the inference plane reads it: derived from the records, so it can always be made again.

Per service: `service.json` (which version is live, where each file is, its SHA-256), `versions/N/model.onnx` and
`fields.json` (what a form needs to know). For all: `keys.json` (hashes of the keys that answer now, the portal's
own among them). The plane adds `stats.json` and `state.json`, which are only read here.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import shutil
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.usecases.api_keys import living_keys
from app.usecases.naming import SLUG
from app.usecases.registering import MODEL
from app.usecases.run_files import link_or_copy
from app.wiring import Appliance
from engine.errors import BadModel
from engine.files import read_json, write_bytes, write_json
from engine.serving.fields import InputField, input_fields
from engine.serving.wire import metadata_entries
from engine.specs.bundle import read_metadata
from engine.specs.codec import from_json, to_json
from store import models, services, users
from store.folder import PRIVATE_FOLDER
from store.services import Deployment, Service

SERVICE, KEYS, FIELDS = "service.json", "keys.json", "fields.json"
STATS, STATE = "stats.json", "state.json"
#: How stale "last used" of a key may be; a write each time would wear the disk for nothing.
_TOUCH_EVERY = timedelta(minutes=1)
#: The scheduler and people write the same files; each should see what the other wrote.
_WRITING = threading.Lock()


def mirror(box: Appliance) -> None:
    """Bring the folder in line with the records: keys, services, and nothing of services that are gone.

    Called after each change of a service, and now and then, for a folder that was restored or damaged.
    Raises: OSError.
    """
    mirror_keys(box)
    with _WRITING:
        known = services.list(box.db)
        for service in known:
            _mirror_service(box, service)
        _sweep(box, {service.name for service in known})


def mirror_keys(box: Appliance) -> None:
    """Tell the plane which keys answer now, and write down when each was last used. Cheap: done every two seconds,
    so that a key revoked or a user disabled on whatever page is worth nothing a moment later.

    Raises: OSError.
    """
    with _WRITING:
        own = hashlib.sha256(box.plane_key.encode()).hexdigest()
        _write_if_new(box.folder.services / KEYS, {"keys": _keys(box), "portal": own})
        _touch_keys(box, services.list(box.db))


def deployed_versions(deployments: tuple[Deployment, ...]) -> list[int]:
    """Return the versions that rolling back walks through, the live one last.   deployments: in any order."""
    stack: list[int] = []
    for one in sorted(deployments, key=lambda one: one.sequence):
        if one.action == "deploy" and stack[-1:] != [one.version]:
            stack.append(one.version)
        elif one.action == "roll_back":
            while len(stack) > 1 and stack[-1] != one.version:
                stack.pop()
    return stack


def read_fields(box: Appliance, service: Service) -> tuple[InputField, ...]:
    """Return what the live version reads; () where that cannot be read."""
    if service.live_version is None:
        return ()
    path = _version_folder(box, service.name, service.live_version) / FIELDS
    try:
        return tuple(from_json(InputField, entry) for entry in read_json(path))
    except (OSError, ValueError):
        return ()


def read_stats(box: Appliance, name: str) -> Mapping[str, Any]:
    """Return what the plane counted of a service, {} before its first request."""
    return _read(box.folder.services / name / STATS)


def read_trouble(box: Appliance, service: Service) -> str:
    """Return why the live version does not answer, "" when it does; as the plane last saw it."""
    state = _read(box.folder.services / service.name / STATE)
    is_told = state.get("live") == str(service.live_version) and service.state == "live"
    return str(state.get("problem", "")) if is_told else ""


def remove_service(box: Appliance, name: str) -> None:
    """Remove a service's folder; the plane then forgets it."""
    folder = box.folder.services / name
    # Without its first file the folder is no service any more, whatever else is slow to go.
    (folder / SERVICE).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def _mirror_service(box: Appliance, service: Service) -> None:
    recent = deployed_versions(services.deployments(box.db, service.name))[-2:]
    if service.live_version is not None and service.live_version not in recent:
        recent.append(service.live_version)
    versions: dict[str, dict[str, str]] = {}
    for number in recent:
        record = models.version(box.db, service.model_id, number)
        if record is not None and _lay_down(box, service, number):
            versions[str(number)] = {"file": f"versions/{number}/{MODEL}", "sha256": record.sha256}
    live = str(service.live_version)
    facts = {
        "name": service.name,
        "title": service.title,
        "live": live if service.state == "live" and live in versions else None,
        "versions": versions,
    }
    _write_if_new(box.folder.services / service.name / SERVICE, facts)
    for folder in (box.folder.services / service.name / "versions").glob("*"):
        if folder.name not in versions:
            shutil.rmtree(folder, ignore_errors=True)


def _lay_down(box: Appliance, service: Service, number: int) -> bool:
    """Give the version's file its second name in the service; tell whether it is there."""
    folder = _version_folder(box, service.name, number)
    target, source = folder / MODEL, box.folder.model_version(service.model_id, number) / MODEL
    if not target.is_file():
        if not source.is_file():
            return False
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        link_or_copy(source, target)
    if not (folder / FIELDS).is_file():
        with contextlib.suppress(BadModel):  # the plane refuses the file too, and says why
            write_json(folder / FIELDS, to_json(fields_of(target)))
    return True


def fields_of(model: Path) -> tuple[InputField, ...]:
    """Return the fields of a model file without onnxruntime and without reading its weights.

    Raises: BadModel when it is no published model; OSError.
    """
    with model.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return input_fields(read_metadata(metadata_entries(content)))


def _version_folder(box: Appliance, name: str, number: int) -> Path:
    return box.folder.services / name / "versions" / str(int(number))


def _keys(box: Appliance) -> list[dict[str, Any]]:
    found = [*living_keys(box, "infer"), *living_keys(box, "api")]
    return [
        {
            "id": key.id,
            "sha256": key.secret_hash,
            "scope": key.scope,
            "service": key.service,
            "user": key.user_id,
        }
        for key in sorted(found, key=lambda key: key.id)
    ]


def _sweep(box: Appliance, known: set[str]) -> None:
    """Remove folders of services that no record names: a deletion that was cut short."""
    for folder in box.folder.services.iterdir():
        if folder.name not in known and SLUG.fullmatch(folder.name) and folder.is_dir():
            remove_service(box, folder.name)


def _touch_keys(box: Appliance, known: tuple[Service, ...]) -> None:
    """Write down when keys were last used, as the plane counted."""
    used: dict[str, float] = {}
    for service in known:
        for key_id, at in read_stats(box, service.name).get("keys_at", {}).items():
            used[key_id] = max(at, used.get(key_id, 0.0))
    late = []
    for key in users.keys(box.db):
        at = datetime.fromtimestamp(used.get(key.id, 0.0), UTC)
        if at.timestamp() and (key.last_used_at is None or at - key.last_used_at > _TOUCH_EVERY):
            late.append((key.id, at))
    if late:
        with box.db.write() as tx:
            for key_id, at in late:
                users.update_key(tx, key_id, last_used_at=at)


def _write_if_new(path: Path, value: Mapping[str, Any]) -> None:
    content = json.dumps(value, ensure_ascii=False, indent=1).encode()
    try:
        if path.read_bytes() == content:
            return
    except OSError:
        path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    write_bytes(path, content)
    path.chmod(0o600)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        value = read_json(path)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
