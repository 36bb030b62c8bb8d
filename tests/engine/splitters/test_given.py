"""Sets that the data name stay as they are; validation is cut out of training; twins across sets are counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from engine.errors import BadData
from tests.engine.splitters.conftest import Case, MakeCase

ROWS = 200


def case_of(make_case: MakeCase, **columns: Any) -> Case:
    names = ["test" if n % 4 == 0 else "train" for n in range(ROWS)]
    held = {"x": [float(n) for n in range(ROWS)], "part": names, **columns}
    return make_case({**held, "y": ["ab"[n // 4 % 2] for n in range(ROWS)]})


def test_validation_is_cut_out_of_training(make_case: MakeCase) -> None:
    case = case_of(make_case)
    summary = case.divide("given", column="part", valid_share=0.2)
    assert summary.rows == {"train": 120, "valid": 30, "test": 50}
    assert all((name == "test") == (row % 4 == 0) for row, name in case.sets().items())
    assert (summary.given, summary.crossing) == (("train", "test"), {})


def test_a_validation_set_of_their_own_is_kept_whole(make_case: MakeCase) -> None:
    names = [("Test", "train", "train", "validation")[n % 4] for n in range(ROWS)]
    case = case_of(make_case, part=names)
    assert case.divide("given", column="part").given == ("train", "valid", "test")
    assert Counter(case.sets().values()) == {"train": 100, "valid": 50, "test": 50}


def test_rows_that_two_sets_hold_are_counted_and_not_moved(make_case: MakeCase) -> None:
    # Rows 8 (test) and 9 (training) are the same but for their sets.
    case = case_of(make_case, x=[8.0 if n == 9 else float(n) for n in range(ROWS)])
    summary = case.divide("given", column="part")
    assert summary.crossing["test"] == 1 and sum(summary.crossing.values()) == 2
    assert case.sets()[8] == "test" and case.sets()[9] != "test"


@pytest.mark.parametrize(
    ("names", "said"), [(["train", "extra"], "'extra'"), (["train", "valid"], "Received: train, valid")]
)
def test_a_column_that_names_no_training_and_test_is_refused(
    make_case: MakeCase, names: list[str], said: str
) -> None:
    case = case_of(make_case, part=[names[n % 2] for n in range(ROWS)])
    with pytest.raises(BadData, match=said):
        case.divide("given", column="part")
