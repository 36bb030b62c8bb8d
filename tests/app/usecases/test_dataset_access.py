"""A dataset is found by its id, and by nothing else."""

from __future__ import annotations

import pytest

from app.usecases.dataset_access import find_dataset, subject_of
from app.usecases.refusals import NotFound
from app.wiring import Appliance
from store import datasets
from store.table import now


def test_a_dataset_is_found_until_it_is_deleted(box: Appliance, dataset_id: str) -> None:
    assert find_dataset(box, dataset_id).id == dataset_id
    assert subject_of(dataset_id) == f"dataset:{dataset_id}"
    with box.db.write() as tx:
        datasets.mark_deleted(tx, dataset_id, now())
    for name in (dataset_id, "../x", "0" * 16):
        with pytest.raises(NotFound):
            find_dataset(box, name)
