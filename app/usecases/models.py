"""Published models: their versions, what is known of each, the files, and taking a version back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.language import Translator
from app.usecases.listing import Listing, check_page
from app.usecases.naming import SLUG, checked_text, checked_title
from app.usecases.person import Person
from app.usecases.refusals import Conflict, Forbidden, NotFound
from app.usecases.registering import ABOUT, MODEL, REPORT, VersionFile
from app.wiring import Appliance
from engine.files import read_json
from engine.report.page import render_report
from engine.specs.bundle import ModelCard
from engine.specs.codec import from_json
from engine.specs.report import Report
from engine.words import words
from store import audit, models, services
from store.models import Model, ModelVersion
from store.services import Service
from store.table import now


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """One model in a list.   latest: its newest version, not a withdrawn one if it can be.   services: by name."""

    model: Model
    latest: ModelVersion | None
    services: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ModelView:
    """One model.   shown: the version that `card`, `about` and `report` tell of.   versions: newest first."""

    model: Model
    versions: tuple[ModelVersion, ...]
    shown: ModelVersion
    about: VersionFile
    report: Report | None
    services: tuple[Service, ...]

    @property
    def card(self) -> ModelCard:
        return self.about.card


def list_models(
    box: Appliance, who: Person, *, search: str = "", limit: int = 50, offset: int = 0
) -> Listing[ModelRow]:
    """Return models of everybody, newest first.   search: part of name, title or description.   Raises: Refusal."""
    check_page(limit, offset)
    newest = models.latest(box.db)
    using: dict[str, list[str]] = {}
    for service in services.list(box.db):
        using.setdefault(service.model_id, []).append(service.name)
    return Listing(
        items=tuple(
            ModelRow(model=model, latest=newest.get(model.id), services=tuple(using.get(model.id, ())))
            for model in models.list(box.db, search=search, limit=limit, offset=offset)
        ),
        total=models.count(box.db, search=search),
    )


def get_model(box: Appliance, who: Person, name: str, version: int | None = None) -> ModelView:
    """Return a model with what is known of one of its versions.

    version: None for the newest one that was not withdrawn.   Raises: NotFound.
    """
    model = find_model(box, name)
    versions = models.versions(box.db, model.id)
    if version is None:
        shown = next((one for one in versions if one.withdrawn_at is None), next(iter(versions), None))
    else:
        shown = next((one for one in versions if one.version == version), None)
    if shown is None:
        raise _no_version(name)
    folder = box.folder.model_version(model.id, shown.version)
    return ModelView(
        model=model,
        versions=versions,
        shown=shown,
        about=_about(folder, name),
        report=_report(folder),
        services=services.list(box.db, model_id=model.id),
    )


def published_from(box: Appliance, who: Person, run_id: str) -> tuple[tuple[Model, ModelVersion], ...]:
    """Return what was published from a run, newest first, each version with its model."""
    found = [(models.get(box.db, version.model_id), version) for version in models.of_run(box.db, run_id)]
    return tuple((model, version) for model, version in found if model is not None)


def model_file(box: Appliance, who: Person, name: str, version: int) -> Path:
    """Return the model file of a version.   Raises: NotFound."""
    return _file(box, name, version, MODEL)


def report_page(box: Appliance, who: Person, name: str, version: int, language: Translator) -> str:
    """Return the report of a version as one HTML page in the reader's language.   Raises: NotFound."""
    report = get_model(box, who, name, version).report
    if report is None:
        raise _no_version(name)
    return render_report(report, language.tell, language.html_language)


def describe_model(box: Appliance, who: Person, name: str, *, title: str, description: str) -> Model:
    """Give a model another title and description; its name stays.   Raises: NotFound; Refusal."""
    model = find_model(box, name)
    changes = {"title": checked_title(title), "description": checked_text(description)}
    with box.db.write() as tx:
        models.update(tx, model.id, **changes)
        audit.append(tx, who=who.name, action="describe_model", object=f"model:{name}")
    return find_model(box, name)


def may_withdraw(who: Person, version: ModelVersion) -> bool:
    """Tell whether a version is this person's to withdraw: who published it and administrators may."""
    return who.is_admin or version.created_by == who.id


def withdraw_version(box: Appliance, who: Person, name: str, version: int) -> ModelVersion:
    """Take a version back, so that nobody deploys it any more; its file stays for those who ask for it by number.

    Raises: NotFound; Forbidden for a version that another person published; Conflict while a service answers with it.
    """
    model = find_model(box, name)
    with box.db.write() as tx:
        found = models.version(tx, model.id, version)
        if found is None:
            raise _no_version(name)
        if not may_withdraw(who, found):
            raise Forbidden(
                words(
                    "Version {version} of {name!r} was published by somebody else.",
                    version=version,
                    name=name,
                ),
                remedy=words("Ask them or an administrator."),
            )
        using = [one.name for one in services.list(tx, model_id=model.id) if one.live_version == version]
        if using:
            raise Conflict(
                words(
                    "Version {version} of {name!r} is in use by {services}.",
                    version=version,
                    name=name,
                    services=", ".join(using),
                ),
                remedy=words("Deploy another version there first."),
            )
        models.withdraw(tx, model.id, version, now())
        audit.append(
            tx, who=who.name, action="withdraw_version", object=f"model:{name}", detail=f"version {version}"
        )
    return models.version(box.db, model.id, version) or found


def find_model(box: Appliance, name: str) -> Model:
    """Return the model called `name`.   Raises: NotFound."""
    model = models.by_name(box.db, name) if SLUG.fullmatch(name) else None
    if model is None:
        raise NotFound(words("There is no such model."), remedy=words("Choose one from the list of models."))
    return model


def _file(box: Appliance, name: str, version: int, file: str) -> Path:
    model = find_model(box, name)
    found = models.version(box.db, model.id, version)
    path = box.folder.model_version(model.id, version) / file
    if found is None or not path.is_file():
        raise _no_version(name)
    return path


def _about(folder: Path, name: str) -> VersionFile:
    try:
        return from_json(VersionFile, read_json(folder / ABOUT))
    except FileNotFoundError as error:
        raise NotFound(
            words("The files of the model {name!r} are gone.", name=name),
            remedy=words("Restore them from a backup, or publish its run again."),
        ) from error


def _report(folder: Path) -> Report | None:
    try:
        return from_json(Report, read_json(folder / REPORT))
    except FileNotFoundError:
        return None


def _no_version(name: str) -> NotFound:
    return NotFound(
        words("The model {name!r} has no such version.", name=name),
        remedy=words("Choose one from the list of its versions."),
    )
