"""The baseline answers what the training rows say on average."""

from __future__ import annotations

import time

import numpy as np
import pytest

from engine.families.base import Budget
from engine.families.baseline import FAMILY
from engine.specs.schema import Task
from tests.engine.made_rows import made_data


@pytest.mark.parametrize("task", FAMILY.tasks)
def test_it_answers_shares_or_the_mean(task: Task) -> None:
    data = made_data("tree", task)
    fitted = FAMILY.build({}, data, Budget(1.0, time.monotonic), lambda *_: None)
    _, y = data.train.arrays()
    expected = [y.mean()] if task == "regression" else [(y == c).mean() for c in range(data.outputs)]
    assert np.allclose(fitted.predict(np.zeros((1, 5), np.float32)), [expected])
