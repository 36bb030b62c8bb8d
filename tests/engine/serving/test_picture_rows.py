"""Base64 and files become feeds unchanged; what is neither is named by its row, before anything is decoded."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from engine.errors import BadData
from engine.serving.model import ServedModel
from engine.serving.picture_rows import MOST_PICTURES, picture_feeds, pictures_from_base64
from engine.serving.table_rows import csv_feeds, json_feeds
from engine.serving.too_many import TooManyRows

CONTENT = bytes(range(256))
TEXT = base64.b64encode(CONTENT).decode()


def test_base64_is_unpacked_with_and_without_its_address_and_breaks() -> None:
    broken_lines = "\n".join(TEXT[i : i + 76] for i in range(0, len(TEXT), 76))
    feed = pictures_from_base64("image", [TEXT, f"data:image/png;base64,{TEXT}", broken_lines])
    assert feed.tolist() == [[CONTENT]] * 3


@pytest.mark.parametrize("value", [None, "", 3, True, ["x"], {"a": 1}, "ü", "abc", "a-_=", "data:image/png"])
def test_what_is_no_base64_is_named(value: object) -> None:
    with pytest.raises(BadData, match="Row 2, column 'photo'"):
        pictures_from_base64("photo", [TEXT, value])


def test_too_many_pictures_are_refused() -> None:
    assert len(pictures_from_base64("image", [TEXT] * MOST_PICTURES)) == MOST_PICTURES
    with pytest.raises(TooManyRows, match="257"):
        pictures_from_base64("image", [TEXT] * (MOST_PICTURES + 1))


def test_files_are_feeds_of_a_model_that_reads_nothing_else(picture_model: Path, classifier: Path) -> None:
    model = ServedModel.open(picture_model)
    assert picture_feeds([CONTENT, b"x"], model)["image"].tolist() == [[CONTENT], [b"x"]]
    with pytest.raises(BadData, match="no picture to answer"):
        picture_feeds([], model)
    with pytest.raises(TooManyRows):
        picture_feeds([b"x"] * (MOST_PICTURES + 1), model)
    with pytest.raises(BadData, match="Expected the columns 'age in years'"):
        picture_feeds([CONTENT], ServedModel.open(classifier))


def test_rows_of_a_picture_model_carry_base64_and_never_csv(picture_model: Path) -> None:
    model = ServedModel.open(picture_model)
    rows = [{"image": TEXT, "label": "ignored", "path": None}]
    assert json_feeds(rows, model)["image"].tolist() == [[CONTENT]]
    with pytest.raises(BadData, match="lacks 1 of the model's columns: 'image'"):
        json_feeds([{"picture": TEXT}], model)
    with pytest.raises(BadData, match="CSV cannot carry pictures"):
        csv_feeds("image\nx\n", model)
