"""A small finished run that tests of the pipeline, its report and its file look at."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer

from app.settings import Settings
from app.usecases.pipeline import run_table
from engine.specs.run import RunPaths, RunSpec

#: Families that train in a second.
QUICK = ("linear", "decision_tree")
SETTINGS = Settings(threads=1, memory_gib=0.5)

RunTable = Callable[..., RunPaths]


def write_table(path: Path, columns: dict[str, list[object]]) -> Path:
    """Write columns as CSV and return its path."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def run_quickly(data: Path, out: Path, **asked: object) -> RunPaths:
    """Run the pipeline with quick families; `asked` are fields of RunSpec."""
    spec = RunSpec(**{"data": str(data), "families": QUICK, "time_limit_s": 60.0, **asked})  # type: ignore[arg-type]
    return run_table(spec, out, SETTINGS, lambda event: None)


@pytest.fixture(scope="session")
def cancer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """569 rows; two columns leak: `verdict` says the target in other words, `case` names the row."""
    bunch = load_breast_cancer()
    columns: dict[str, list[object]] = {
        str(name): bunch.data[:, i].tolist() for i, name in enumerate(bunch.feature_names[:12])
    }
    columns["ward"] = [random.Random(i).choice(["北", "south", "it's"]) for i in range(len(bunch.target))]
    columns["case"] = [f"case-{i:05d}" for i in range(len(bunch.target))]
    columns["verdict"] = ["gut" if y else "schlecht" for y in bunch.target]
    columns["finding"] = ["benign" if y else "malignant" for y in bunch.target]
    return write_table(tmp_path_factory.mktemp("data") / "cancer.csv", columns)


@pytest.fixture(scope="session")
def finished(cancer: Path, tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    """The finished run on `cancer`; look, do not touch."""
    return run_quickly(cancer, tmp_path_factory.mktemp("runs") / "cancer", target="finding")
