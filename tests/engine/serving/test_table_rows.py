"""Rows of requests become the feeds that a file of the same rows would have become."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import BadData
from engine.serving.model import ServedModel
from engine.serving.table_rows import MAX_ROWS, TooManyRows, csv_feeds, json_feeds
from engine.specs.bundle import InputFacts
from tests.engine.published import AGE, CITY, FEATURES, TARGET


@pytest.fixture(scope="module")
def model(classifier: Path) -> ServedModel:
    return ServedModel.open(classifier)


def row(**changes: Any) -> dict[str, Any]:
    names = {"age": AGE, "features": FEATURES, "city": CITY}
    return {AGE: 1, FEATURES: 2.5, CITY: "a"} | {names[name]: value for name, value in changes.items()}


def test_numbers_and_missing_values(model: ServedModel) -> None:
    feeds = json_feeds([row(), row(age=None), row(age=2**60)], model)
    assert feeds[AGE].dtype == np.float32 and feeds[AGE].shape == (3, 1)
    np.testing.assert_array_equal(feeds[AGE][:, 0], np.array([1, np.nan, 2**60], np.float32))
    assert list(feeds) == list(model.inputs)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("北京 ", "北京 "),
        (None, ""),
        (3, "3"),
        (-0.5, "-0.5"),
        (3.0, "3.0"),
        (True, "true"),
        (False, "false"),
        (10**20, str(10**20)),
    ],
)
def test_a_value_for_a_text_becomes_what_an_import_makes_of_it(
    model: ServedModel, value: Any, text: str
) -> None:
    assert json_feeds([row(city=value)], model)[CITY].tolist() == [[text]]


def test_truth_is_spelled_as_the_training_table_spelled_it(model: ServedModel) -> None:
    facts = (InputFacts(name=AGE), InputFacts(name=CITY, choices=("False", "True")))
    card = replace(model.card, inputs=facts)
    known = ServedModel(model.session, replace(model.metadata, card=card))
    assert json_feeds([row(city=True), row(city="true")], known)[CITY].tolist() == [["True"], ["true"]]


def test_columns_of_the_table_that_are_no_inputs_are_ignored(model: ServedModel) -> None:
    assert json_feeds([row() | {TARGET: 7}], model)[AGE].tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ({"a": 1}, "Received an object"),
        ("rows", "Received text"),
        ([], "no row to answer"),
        ([row(), "x"], "Row 2 cannot be read"),
        ([row(), {AGE: 1}], "Row 2 lacks 2 of the model's columns"),
        (
            [{"AGE IN YEARS": 1, FEATURES: 1, CITY: ""}],
            "nearest name to 'age in years' there is 'AGE IN YEARS'",
        ),
        ([row() | {"agee in years": 1}], "nearest name there is 'age in years'"),
        ([row() | {"§": 1}], "column '§' that the model's table does not have"),
        ([row(age="1")], "Row 1, column 'age in years' cannot be read. Expected a number or null"),
        ([row(), row(features=[1])], "Row 2, column 'features'"),
        ([row(age=float("inf"))], "within"),
        ([row(age=-(10**400))], "within"),
        ([row(city={})], "Received an object"),
    ],
)
def test_what_does_not_fit_is_named(model: ServedModel, rows: Any, named: str) -> None:
    with pytest.raises(BadData) as caught:
        json_feeds(rows, model)
    assert named in caught.value.message and caught.value.remedy


def test_too_many_rows_are_their_own_error(model: ServedModel) -> None:
    with pytest.raises(TooManyRows, match="100,001"):
        json_feeds([None] * (MAX_ROWS + 1), model)


HEADER = f'{AGE},{FEATURES},"{CITY.replace(chr(34), chr(34) * 2)}"'


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_of_any_delimiter(model: ServedModel, delimiter: str) -> None:
    name = f'"{CITY.replace(chr(34), chr(34) * 2)}"'
    lines = [["x", f" {AGE} ", FEATURES, name], ["1", " 2.5 ", "", '" q"'], ["", "-3", "1e3", ""]]
    feeds = csv_feeds("\ufeff" + "\r\n".join(delimiter.join(line) for line in lines), model)
    np.testing.assert_array_equal(feeds[FEATURES][:, 0], np.array([np.nan, 1000], np.float32))
    assert feeds[AGE][:, 0].tolist() == [2.5, -3.0]
    assert feeds[CITY].tolist() == [[" q"], [""]]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "no row"),
        ("a,b\n1,2", "lacks 3"),
        (HEADER, "no row"),
        (f"{HEADER}\n1,2", "Row 1 does not fit the header"),
        (f"{HEADER}\n1,2,a\n1,x,a", "Row 2, column 'features'"),
        (f"{HEADER}\n1,inf,a", "Row 1, column 'features'"),
        (f"{HEADER}\n1,1e39,a", "Row 1, column 'features'"),
        (f'{HEADER}\n1,2,"a', "CSV cannot be read"),
    ],
)
def test_csv_that_does_not_fit_is_named(model: ServedModel, text: str, named: str) -> None:
    with pytest.raises(BadData) as caught:
        csv_feeds(text, model)
    assert named in caught.value.message
