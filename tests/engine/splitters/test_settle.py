"""Given sets that cannot serve give way to the next best split, unless somebody asked for them."""

from __future__ import annotations

import pytest

from engine.errors import BadData
from engine.specs.profile import ColumnProfile, Profile
from engine.specs.run import RunSpec
from engine.splitters.settle import divide_as_asked
from tests.engine.splitters.conftest import MakeCase

ROWS = 100


@pytest.mark.parametrize("is_asked", [False, True])
def test_test_rows_without_an_answer_are_no_test(make_case: MakeCase, is_asked: bool) -> None:
    names = ["test" if n % 4 == 0 else "train" for n in range(ROWS)]
    labels = [None if n % 4 == 0 else "ab"[n % 2] for n in range(ROWS)]
    case = make_case({"x": [float(n) for n in range(ROWS)], "part": names, "y": labels})
    facts = ColumnProfile(
        name="part", rows=ROWS, missing=0, distinct=2, top_values=(("train", 75), ("test", 25))
    )
    profile = Profile(rows=ROWS, duplicate_rows=0, columns=(facts,))
    asked = RunSpec(data="d", target="y", splitter="given" if is_asked else None, split_column="part")

    if is_asked:
        with pytest.raises(BadData, match="have an answer"):
            divide_as_asked(case.connection, case.data, case.schema, profile, case.task, asked, case.out)
        return
    spec, summary = divide_as_asked(
        case.connection, case.data, case.schema, profile, case.task, asked, case.out
    )
    assert spec.splitter == "stratified" and "cannot serve" in spec.reason
    assert sum(summary.rows.values()) == 75
