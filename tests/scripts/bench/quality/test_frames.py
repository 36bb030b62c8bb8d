"""What the peers are given: the types a user of pandas would give them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from scripts.bench.quality.frames import as_categories, read_frame

TEXT = """n, c,day,name,y
1, a,2020-01-02,n1, yes
 ?, b,2020-01-03,n2, no
3,,2020-01-04,n3, yes
"""


@pytest.fixture
def question() -> dict[str, Any]:
    return {"target": "y", "classes": ["no", "yes"], "missing": ["?"], "dates": ["day"]}


def test_columns_have_their_types_and_classes_stay_text(tmp_path: Path, question: dict[str, Any]) -> None:
    (tmp_path / "a.csv").write_text(TEXT)
    frame, truth = read_frame(tmp_path / "a.csv", question)
    assert list(frame) == ["n", "c", "day", "name"]
    assert frame["n"].isna().tolist() == [False, True, False]
    assert frame["n"].dtype == float
    assert pd.api.types.is_datetime64_any_dtype(frame["day"])
    assert frame["c"].isna().tolist() == [False, False, True]
    assert truth.tolist() == ["yes", "no", "yes"]


def test_categories_are_those_of_training_and_names_of_rows_are_left_out(
    tmp_path: Path, question: dict[str, Any]
) -> None:
    (tmp_path / "a.csv").write_text(TEXT)
    (tmp_path / "b.csv").write_text(TEXT.replace(" b,", " new,"))
    train, test = as_categories(
        read_frame(tmp_path / "a.csv", question)[0], read_frame(tmp_path / "b.csv", question)[0]
    )
    assert list(train) == list(test) == ["n", "c", "day"]
    assert train["c"].cat.codes.tolist() == [0, 1, -1]
    assert test["c"].cat.codes.tolist() == [0, -1, -1]
    assert train["day"].tolist() == [18263, 18264, 18265]
