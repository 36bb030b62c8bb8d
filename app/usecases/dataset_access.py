"""Find a dataset, as every use case about datasets must before anything else."""

from __future__ import annotations

from app.usecases.refusals import NotFound
from app.wiring import Appliance
from engine.words import words
from store import datasets
from store.datasets import Dataset
from store.identifiers import is_id


def find_dataset(box: Appliance, dataset_id: str) -> Dataset:
    """Return a dataset that was not deleted.   Raises: NotFound."""
    record = datasets.get(box.db, dataset_id) if is_id(dataset_id) else None
    if record is None or record.deleted_at is not None:
        raise NotFound(
            words("There is no such dataset, or it was deleted."),
            remedy=words("Choose one from the list of datasets."),
        )
    return record


def subject_of(dataset_id: str) -> str:
    """Return what jobs call a dataset."""
    return f"dataset:{dataset_id}"


def labels_subject(dataset_id: str) -> str:
    """Return what jobs call the labels of a dataset: work on them leaves the dataset itself as it is."""
    return f"labels:{dataset_id}"
