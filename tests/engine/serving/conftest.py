"""Two small published models and a raw file like the one they learned from."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.engine.published import CLASSES, MARGINS, TARGET, Table, make_table, publish_small
from tests.engine.published_pictures import publish_pictures


@pytest.fixture(scope="session")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published model with two classes whose names hold quotes and Chinese."""
    return publish_small(tmp_path_factory.mktemp("classifier") / "model.onnx").path


@pytest.fixture(scope="session")
def regressor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published model with one number as its answer, as they were before there were bounds."""
    return publish_small(tmp_path_factory.mktemp("regressor") / "model.onnx", classes=()).path


@pytest.fixture(scope="session")
def bounded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published model with one number and its bounds as its answer."""
    folder = tmp_path_factory.mktemp("bounded")
    return publish_small(folder / "model.onnx", classes=(), margins=MARGINS).path


@pytest.fixture(scope="session")
def table() -> Table:
    return make_table(rows=300, seed=5)


@pytest.fixture(scope="session")
def raw_csv(table: Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`table` as a person's file: blanks before values, " ?" for missing, a target and one column more."""
    path = tmp_path_factory.mktemp("raw") / "raw.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*(f" {name}" for name in table.values), TARGET, "extra"])
        for number, row in enumerate(zip(*table.values.values(), strict=True)):
            cells = [" ?" if value is None else f" {value}" for value in row]
            writer.writerow([*cells, CLASSES[number % 2], "z"])
    return path


@pytest.fixture(scope="session")
def picture_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published model that reads pictures of any size and names their strongest colour."""
    return publish_pictures(tmp_path_factory.mktemp("pictures") / "model.onnx").path
