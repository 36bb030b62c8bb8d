"""Datasets over the API: bring one in, look at it, throw it away."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.api.caller import Caller, Limit, Offset, Search
from app.api.shapes import DatasetOut, NewDataset, NewName, Page, plain
from app.usecases import datasets
from app.usecases.refusals import Refusal
from engine.words import words

router = APIRouter(prefix="/datasets", tags=["datasets"])


@router.get("")
def list_datasets(
    caller: Caller, search: Search = "", limit: Limit = 50, offset: Offset = 0
) -> Page[DatasetOut]:
    """List the datasets, newest first."""
    found = datasets.list_datasets(caller.box, caller.person, search=search, limit=limit, offset=offset)
    return Page(items=[DatasetOut.of(record, caller) for record in found.items], total=found.total)


@router.post("", status_code=201)
def create_dataset(caller: Caller, asked: NewDataset) -> DatasetOut:
    """Make a dataset of a finished upload, or of a file in a folder of the server; its import begins at once."""
    if asked.upload_id is not None and asked.folder is None:
        record = datasets.create_from_upload(caller.box, caller.person, asked.upload_id, name=asked.name)
    elif asked.folder is not None and asked.path is not None and asked.upload_id is None:
        record = datasets.create_from_folder(
            caller.box, caller.person, asked.folder, asked.path, name=asked.name
        )
    else:
        raise Refusal(
            words("It is not clear where the data come from. Expected: `upload_id`, or `folder` and `path`."),
            remedy=words("Name one of the two."),
        )
    return DatasetOut.of(record, caller)


@router.get("/folders")
def list_folders(caller: Caller) -> Any:
    """List the server's folders that data may be taken from."""
    return plain(datasets.server_folders(caller.box, caller.person))


@router.get("/folders/{folder_id}")
def browse_folder(caller: Caller, folder_id: str, path: str = "") -> Any:
    """List what lies in a folder of the server."""
    return plain(datasets.browse(caller.box, caller.person, folder_id, path))


@router.get("/{dataset_id}")
def get_dataset(caller: Caller, dataset_id: str) -> DatasetOut:
    """Look at one dataset."""
    return DatasetOut.of(datasets.get_dataset(caller.box, caller.person, dataset_id).record, caller)


@router.get("/{dataset_id}/schema")
def get_schema(caller: Caller, dataset_id: str) -> Any:
    """Return what each column is, and what the import did; null while it has not finished."""
    view = datasets.get_dataset(caller.box, caller.person, dataset_id)
    return {"schema": plain(view.schema), "import": plain(view.imported)}


@router.get("/{dataset_id}/profile")
def get_profile(caller: Caller, dataset_id: str) -> Any:
    """Return what the columns look like; null while the import has not finished."""
    return plain(datasets.get_dataset(caller.box, caller.person, dataset_id).profile)


@router.get("/{dataset_id}/preview")
def get_preview(caller: Caller, dataset_id: str) -> Any:
    """Return the first rows."""
    return plain(datasets.preview(caller.box, caller.person, dataset_id))


@router.get("/{dataset_id}/targets")
def get_targets(caller: Caller, dataset_id: str) -> Any:
    """Return the columns that are worth predicting, the likeliest first."""
    return plain(datasets.suggest_targets(caller.box, caller.person, dataset_id))


@router.patch("/{dataset_id}")
def rename_dataset(caller: Caller, dataset_id: str, asked: NewName) -> DatasetOut:
    """Give a dataset another name."""
    record = datasets.rename_dataset(caller.box, caller.person, dataset_id, asked.name)
    return DatasetOut.of(record, caller)


@router.delete("/{dataset_id}", status_code=204)
def delete_dataset(caller: Caller, dataset_id: str) -> None:
    """Delete a dataset; runs made from it keep what they need."""
    datasets.delete_dataset(caller.box, caller.person, dataset_id)
