"""A part as a user of pandas would read it; runs in the peers' environments, without our packages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd


def read_frame(path: Path, question: Mapping[str, Any]) -> tuple[pd.DataFrame, pd.Series]:
    """Return the columns and the target.

    Numbers, text and dates have the types that pandas gives them once it is told, as a user would, what means missing,
    that cells may begin with a blank, and which columns are dates. Classes stay the text that the file has.
    """
    target = question["target"]
    frame = pd.read_csv(
        path,
        skipinitialspace=True,
        na_values=list(question["missing"]),
        parse_dates=list(question["dates"]) or False,
        dtype={target: str} if question["classes"] else None,
        keep_default_na=True,
    )
    answers = frame.pop(target)
    return frame, answers.str.strip() if question["classes"] else answers.astype(float)


def as_categories(train: pd.DataFrame, test: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both parts for a model that reads numbers: text by its place among the training rows' values.

    A text column that is different in every training row names rows, and is left out; dates become days.
    """
    train, test = train.copy(), test.copy()
    for name in list(train):
        column = train[name]
        if pd.api.types.is_datetime64_any_dtype(column):
            for part in (train, test):
                part[name] = (part[name] - pd.Timestamp("1970-01-01")).dt.days
        elif not pd.api.types.is_numeric_dtype(column):
            if column.nunique() == len(column):
                del train[name], test[name]
                continue
            kind = pd.CategoricalDtype(sorted(column.dropna().unique()))
            for part in (train, test):
                part[name] = part[name].where(part[name].isin(kind.categories)).astype(kind)
    return train, test
