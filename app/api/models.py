"""Published models over the API: versions, cards, and files of answers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.api.caller import Caller, Limit, Offset, Search
from app.api.shapes import JobOut, ModelChange, ModelOut, NewPrediction, Page, VersionOut, plain
from app.usecases import models, predictions

router = APIRouter(prefix="/models", tags=["models"])


@router.get("")
def list_models(caller: Caller, search: Search = "", limit: Limit = 50, offset: Offset = 0) -> Page[ModelOut]:
    """List the models, newest first."""
    found = models.list_models(caller.box, caller.person, search=search, limit=limit, offset=offset)
    items = [ModelOut.of(row.model, row.latest, row.services) for row in found.items]
    return Page(items=items, total=found.total)


@router.get("/{name}")
def get_model(caller: Caller, name: str, version: int | None = None) -> Any:
    """Look at a model, its versions, and the card and schema of one of them: the newest unless named."""
    view = models.get_model(caller.box, caller.person, name, version)
    return {
        "model": ModelOut.of(view.model, view.shown, ()),
        "versions": [VersionOut.model_validate(one) for one in view.versions],
        "about": plain(view.about),
    }


@router.patch("/{name}")
def describe_model(caller: Caller, name: str, asked: ModelChange) -> ModelOut:
    """Change what people read about a model."""
    model = models.describe_model(
        caller.box, caller.person, name, title=asked.title, description=asked.description
    )
    return ModelOut.of(model, None, ())


@router.post("/{name}/versions/{version}/withdraw")
def withdraw_version(caller: Caller, name: str, version: int) -> VersionOut:
    """Take a version out of use; its maker and administrators may, while no service answers with it."""
    return VersionOut.model_validate(models.withdraw_version(caller.box, caller.person, name, version))


@router.post("/{name}/versions/{version}/predictions", status_code=202)
def predict_file(caller: Caller, name: str, version: int, asked: NewPrediction) -> JobOut:
    """Answer every row of an upload; the answers are at /download/jobs/ID/answers once the job has succeeded."""
    job = predictions.predict_upload(
        caller.box,
        caller.person,
        name,
        version,
        asked.upload_id,
        format=asked.format,
        keep_columns=asked.keep_columns,
    )
    return JobOut.of(job, caller)
