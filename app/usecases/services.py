"""Services: deploy a model version under a name that programs ask, go back, stop, start; its keys and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.usecases import api_keys, service_files
from app.usecases.api_keys import NewKey
from app.usecases.models import find_model
from app.usecases.naming import SLUG, checked_slug, checked_title
from app.usecases.person import Person
from app.usecases.predictions import predict_upload
from app.usecases.refusals import Conflict, Forbidden, NotFound, Refusal
from app.usecases.service_answers import Answer, AnswerRow, Reason, Unavailable, ask, is_answering, no_service
from app.usecases.service_files import mirror, mirror_keys
from app.usecases.service_snippets import service_address, write_snippets
from app.wiring import Appliance
from engine.serving.fields import InputField
from engine.words import words
from store import audit, models, users
from store import services as table
from store.jobs import JobRecord
from store.models import Model, ModelVersion
from store.services import Action, Deployment, Service
from store.table import Reads, Writes, now
from store.users import ApiKey

__all__ = [
    "Answer",
    "AnswerRow",
    "InputField",
    "NewKey",
    "Reason",
    "ServiceRow",
    "ServiceStats",
    "ServiceView",
    "Unavailable",
    "ask",
    "ask_file",
    "create_key",
    "delete_service",
    "deploy",
    "get_service",
    "is_answering",
    "list_services",
    "mirror",
    "mirror_keys",
    "revoke_key",
    "roll_back",
    "snippets",
    "start_service",
    "stop_service",
]

#: Names that other things have in the plane's addresses (/v2/models/stats).
FORBIDDEN_NAMES = frozenset({"stats"})


@dataclass(frozen=True, kw_only=True)
class ServiceStats:
    """What the inference plane counted of a service.

    errors: requests without an answer; `reasons` says why.   p50_ms, p95_ms: None before the first answer.
    minutes: (start, requests, errors, rows) of the last hour's minutes that had any, oldest first.
    """

    requests: int = 0
    rows: int = 0
    errors: int = 0
    reasons: Mapping[str, int]
    p50_ms: float | None = None
    p95_ms: float | None = None
    last_at: datetime | None = None
    minutes: tuple[tuple[datetime, int, int, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ServiceRow:
    """One service in a list.   trouble: why its live version does not answer, "" when it does."""

    service: Service
    model: Model
    stats: ServiceStats
    trouble: str


@dataclass(frozen=True, kw_only=True)
class ServiceView:
    """One service.

    version: the live one's record.   deployments: oldest first.   inputs: () when the model's file cannot be read.
    keys: those that answer.   names: user id → name for people.   address: what programs ask.
    """

    service: Service
    model: Model
    version: ModelVersion | None
    deployments: tuple[Deployment, ...]
    keys: tuple[ApiKey, ...]
    inputs: tuple[InputField, ...]
    stats: ServiceStats
    address: str
    trouble: str
    can_roll_back: bool
    names: Mapping[str, str]

    @property
    def target(self) -> str:
        return self.version.target if self.version is not None else ""


def deploy(box: Appliance, who: Person, *, name: str, model: str, version: int, title: str = "") -> Service:
    """Let a model version answer under `name`: a new service, or the next version of one of the same model.

    The version that is live already stays so. The version before goes on answering until the new one has proven itself.
    Raises: Refusal for a name that cannot be; NotFound; Conflict for a withdrawn version or a service of another model.
    """
    checked = _checked_name(name)
    found = find_model(box, model)
    with box.db.write() as tx:
        _usable(tx, found, version)
        known = table.get(tx, checked)
        if known is None:
            table.add(tx, _new(who, found, checked, title))
        elif known.model_id != found.id:
            raise Conflict(
                words("The service {name!r} answers with another model.", name=checked),
                remedy=words("Choose another name, or delete that service."),
            )
        elif (known.live_version, known.state) == (version, "live"):
            return known
        _change(tx, who, checked, version, "deploy")
    mirror(box)
    return _find(box, checked)


def list_services(box: Appliance, who: Person) -> tuple[ServiceRow, ...]:
    """Return every service by name."""
    rows = []
    for service in table.list(box.db):
        model = models.get(box.db, service.model_id)
        if model is not None:
            trouble = service_files.read_trouble(box, service)
            rows.append(
                ServiceRow(service=service, model=model, stats=_stats(box, service.name), trouble=trouble)
            )
    return tuple(rows)


def get_service(box: Appliance, who: Person, name: str) -> ServiceView:
    """Return a service with everything its page shows.   Raises: NotFound."""
    service = _find(box, name)
    model = models.get(box.db, service.model_id)
    if model is None:
        raise no_service()
    deployments = tuple(sorted(table.deployments(box.db, name), key=lambda one: one.sequence))
    return ServiceView(
        service=service,
        model=model,
        version=models.version(box.db, model.id, service.live_version or 0),
        deployments=deployments,
        keys=users.keys(box.db, scope="infer", service=name),
        inputs=service_files.read_fields(box, service),
        stats=_stats(box, name),
        address=service_address(box.serve, name),
        trouble=service_files.read_trouble(box, service),
        can_roll_back=_version_before(box.db, service) is not None,
        names={user.id: user.display for user in users.list(box.db)},
    )


def roll_back(box: Appliance, who: Person, name: str) -> Service:
    """Answer with the version that was deployed before the live one.   Raises: NotFound; Conflict without one."""
    _find(box, name)
    with box.db.write() as tx:
        before = _version_before(tx, _held(tx, name))
        if before is None:
            raise Conflict(
                words("There is no version to go back to."),
                remedy=words("Deploy the version that you want."),
            )
        _change(tx, who, name, before, "roll_back")
    mirror(box)
    return _find(box, name)


def stop_service(box: Appliance, who: Person, name: str) -> Service:
    """Let a service answer nobody until it is started again; a stopped one stays so.   Raises: NotFound."""
    return _switch(box, who, name, "stop")


def start_service(box: Appliance, who: Person, name: str) -> Service:
    """Let a stopped service answer again; one that is live stays so.   Raises: NotFound."""
    return _switch(box, who, name, "start")


def delete_service(box: Appliance, who: Person, name: str) -> None:
    """Remove a service, its history and its keys; the model stays.

    Raises: NotFound; Forbidden for another person's service.
    """
    service = _find(box, name)
    if not who.is_admin and service.created_by != who.id:
        raise Forbidden(
            words("This service belongs to somebody else."), remedy=words("Ask them or an administrator.")
        )
    with box.db.write() as tx:
        for key in users.keys(tx, service=name):
            users.update_key(tx, key.id, revoked_at=now())
        table.remove(tx, name)
        audit.append(tx, who=who.name, action="service.delete", object=f"service:{name}")
    mirror(box)


def create_key(box: Appliance, who: Person, name: str, *, title: str = "") -> NewKey:
    """Make a key that may ask this service; its secret is shown this once.   title: who will use it.

    Raises: NotFound; Forbidden for a caller who came by a key; Refusal; Conflict when the caller has too many keys.
    """
    _find(box, name)
    made = api_keys.create_api_key(box, who, name=title or name, scope="infer", service=name)
    mirror_keys(box)
    return made


def revoke_key(box: Appliance, who: Person, name: str, key_id: str) -> None:
    """Make a key of this service worth nothing, within a second.

    Raises: NotFound; Forbidden for a caller who came by a key.
    """
    record = users.key(box.db, key_id)
    if record is None or record.service != name:
        raise NotFound(words("There is no such key."), remedy=words("Load the page again."))
    api_keys.revoke_api_key(box, who, key_id)
    mirror_keys(box)


def ask_file(box: Appliance, who: Person, name: str, upload_id: str) -> JobRecord:
    """Answer every row of an uploaded file with the live version, in a job.   Raises: NotFound; Conflict; TooLarge."""
    service = _find(box, name)
    model = models.get(box.db, service.model_id)
    if model is None or service.live_version is None:
        raise no_service()
    return predict_upload(box, who, model.name, service.live_version, upload_id)


def snippets(view: ServiceView, secret_placeholder: str = "KEY") -> dict[str, str]:
    """Return language (curl, python, javascript) → program that asks the service; pasted with a key, it works."""
    return write_snippets(view.address, view.inputs, secret_placeholder)


def _find(box: Appliance, name: str) -> Service:
    service = table.get(box.db, name) if SLUG.fullmatch(name) else None
    if service is None:
        raise no_service()
    return service


def _checked_name(name: str) -> str:
    checked = checked_slug(name)
    if checked in FORBIDDEN_NAMES:
        raise Refusal(
            words("A service cannot be called {name!r}; its address has that word already.", name=checked),
            remedy=words("Choose another name."),
        )
    return checked


def _usable(tx: Writes, model: Model, version: int) -> ModelVersion:
    found = models.version(tx, model.id, version)
    if found is None:
        raise NotFound(
            words("The model {name!r} has no such version.", name=model.name),
            remedy=words("Choose one from the list of its versions."),
        )
    if found.withdrawn_at is not None:
        raise Conflict(
            words("Version {version} of the model {name!r} was withdrawn.", version=version, name=model.name),
            remedy=words("Use another version."),
        )
    return found


def _new(who: Person, model: Model, name: str, title: str) -> Service:
    at = now()
    return Service(
        name=name,
        title=checked_title(title or model.title or name),
        model_id=model.id,
        live_version=None,
        state="stopped",
        created_by=who.id,
        created_at=at,
        updated_at=at,
    )


def _switch(box: Appliance, who: Person, name: str, action: Action) -> Service:
    _find(box, name)
    with box.db.write() as tx:
        # Read here: somebody who deploys at this very moment must not lose their version.
        service = _held(tx, name)
        if service.state != ("stopped" if action == "stop" else "live"):
            _change(tx, who, name, service.live_version or 0, action)
    mirror(box)
    return _find(box, name)


def _held(tx: Writes, name: str) -> Service:
    service = table.get(tx, name)
    if service is None:
        raise no_service()
    return service


def _change(tx: Writes, who: Person, name: str, version: int, action: Action) -> None:
    at = now()
    state = "stopped" if action == "stop" else "live"
    if not table.update(tx, name, live_version=version, state=state, updated_at=at):
        raise no_service()
    table.add_deployment(tx, name, version=version, at=at, by=who.id, action=action)
    audit.append(
        tx, who=who.name, action=f"service.{action}", object=f"service:{name}", detail=f"version {version}"
    )


def _version_before(db: Reads, service: Service) -> int | None:
    """Return the version that rolling back leads to: the last deployed before the live one and not withdrawn since."""
    *before, _ = service_files.deployed_versions(table.deployments(db, service.name)) or [0]
    for number in reversed(before):
        record = models.version(db, service.model_id, number)
        if record is not None and record.withdrawn_at is None:
            return number
    return None


def _stats(box: Appliance, name: str) -> ServiceStats:
    found: Mapping[str, Any] = service_files.read_stats(box, name)
    reasons = dict(found.get("errors", {}))
    return ServiceStats(
        requests=found.get("requests", 0),
        rows=found.get("rows", 0),
        errors=sum(reasons.values()),
        reasons=reasons,
        p50_ms=found.get("p50_ms"),
        p95_ms=found.get("p95_ms"),
        last_at=_moment(found["last_at"]) if found.get("last_at") else None,
        minutes=tuple((_moment(60 * m[0]), m[1], m[2], m[3]) for m in found.get("minutes", ())),
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
