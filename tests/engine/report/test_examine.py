"""The test rows are asked of the very file that is published."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from engine.families.base import Budget
from engine.files import read_json
from engine.modalities.table import ImportLimits, open_database
from engine.report.examine import TestRows, examine, score_rows, weigh_columns
from engine.specs.codec import from_json
from engine.specs.profile import Profile
from engine.specs.run import RunPaths
from engine.specs.schema import Schema
from engine.specs.training import TaskSpec

pytestmark = pytest.mark.slow


@pytest.fixture
def rows(finished: RunPaths) -> Iterator[TestRows]:
    with open_database(ImportLimits(threads=1)) as connection:
        yield TestRows(
            connection=connection,
            data=finished.data,
            split=finished.split_rows,
            schema=from_json(Schema, read_json(finished.schema)),
            task=from_json(TaskSpec, read_json(finished.task)),
        )


def test_scores_pair_with_their_answers(rows: TestRows, finished: RunPaths) -> None:
    scores, y = score_rows(finished.model.read_bytes(), rows, threads=1), rows.target()
    assert scores.shape == (len(y), 2)
    np.testing.assert_allclose(scores.sum(axis=1), 1.0, atol=1e-5)
    assert np.mean(scores.argmax(axis=1) == y) > 0.85
    assert set(np.unique(y)) == {0.0, 1.0}


def test_a_sample_of_the_rows_keeps_pairs_too(rows: TestRows) -> None:
    whole = rows.target()
    sample = rows.target(limit=40)
    assert len(sample) == 40 < len(whole)


def test_the_evaluation_has_slices_and_the_yardstick(rows: TestRows, finished: RunPaths) -> None:
    model = finished.model.read_bytes()
    profile = from_json(Profile, read_json(finished.profile))
    evaluation = examine({"chosen": model, "baseline": model}, rows, profile, seed=0, threads=1)
    assert {one.column for one in evaluation.slices} == {"ward"}
    assert evaluation.deciding.value == evaluation.deciding.baseline


def test_columns_that_are_read_are_weighed(rows: TestRows, finished: RunPaths) -> None:
    importance = weigh_columns(
        finished.model.read_bytes(), rows, Budget(60.0, lambda: 0.0), seed=0, threads=1
    )
    assert importance.unmeasured == () and len(importance.columns) == 13
    assert importance.columns[0].loss > 0
