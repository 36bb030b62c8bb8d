"""The eight steps on a folder of handwritten digits: the classic of the field, ending in one proven file."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import numpy as np
import onnxruntime
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from app.usecases.pipeline import run_table
from engine.errors import BadCommand
from engine.files import read_json
from engine.serving.verify import verify
from engine.specs.run import RunPaths, RunSpec
from engine.steps import STEPS
from store.runs import read_events
from tests.runs import SETTINGS

pytestmark = pytest.mark.slow


def write_digits(folder: Path) -> Path:
    """Write all 1,797 digits, 8 × 8 grey, as PNG files in a folder per class."""
    held = load_digits()
    for number, (pixels, label) in enumerate(zip(held.images, held.target, strict=True)):
        place = folder / str(label) / f"{number:04}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((pixels * 255 / 16).round().astype(np.uint8)).save(place)
    return folder


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_digits(tmp_path_factory.mktemp("digits"))


def asked(digits: Path) -> RunSpec:
    return RunSpec(data=str(digits), target="label", families=("small_cnn",), time_limit_s=90.0)


@pytest.fixture(scope="module")
def finished(digits: Path, tmp_path_factory: pytest.TempPathFactory) -> RunPaths:
    return run_table(asked(digits), tmp_path_factory.mktemp("runs") / "digits", SETTINGS, lambda event: None)


def test_digits_are_read_as_the_field_reads_them(finished: RunPaths) -> None:
    scores = {one["name"]: one["value"] for one in read_json(finished.report)["evaluation"]["scores"]}
    assert scores["accuracy"] >= 0.98


def test_the_file_alone_answers_picture_files_with_the_reports_figure(
    finished: RunPaths, digits: Path
) -> None:
    with finished.test_rows.open() as file:
        rows = [int(line["row"]) for line in csv.DictReader(file)]
    named = dict(
        duckdb.sql(
            f"SELECT file_row_number, path FROM read_parquet('{finished.data}', file_row_number = true)"
        ).fetchall()
    )
    session = onnxruntime.InferenceSession(str(finished.model))
    right = 0
    for row in rows:
        pixels = np.asarray(Image.open(digits / named[row]).convert("RGB"))
        label = session.run(["label"], {"image": pixels[None]})[0]
        right += str(label[0, 0]) == Path(named[row]).parent.name
    scores = {one["name"]: one["value"] for one in read_json(finished.report)["evaluation"]["scores"]}
    assert right / len(rows) == pytest.approx(scores["accuracy"], abs=1e-6)


def test_the_file_takes_pictures_of_any_size(finished: RunPaths) -> None:
    session = onnxruntime.InferenceSession(str(finished.model))
    for height, width in ((1, 1), (8, 8), (37, 300)):
        pictures = np.full((2, height, width, 3), 128, np.uint8)
        probabilities = session.run(["probabilities"], {"image": pictures})[0]
        np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)


def test_the_golden_pictures_answer_again(finished: RunPaths) -> None:
    proven = verify(finished.model)
    assert proven.rows > 1
    assert proven.max_difference <= proven.tolerance


def test_a_finished_run_is_not_done_again(finished: RunPaths, digits: Path) -> None:
    before = finished.model.stat().st_mtime_ns
    run_table(asked(digits), finished.folder, SETTINGS, lambda event: None)
    kept = [e["step"] for e in read_events(finished.folder) if e["event"] == "step_kept"]
    assert kept == [step.name for step in STEPS]
    assert finished.model.stat().st_mtime_ns == before


def test_tables_have_no_word_in_families_of_pictures(digits: Path, tmp_path: Path) -> None:
    spec = RunSpec(data=str(digits), target="label", families=("lightgbm",), time_limit_s=20.0)
    run = run_table(spec, tmp_path / "run", SETTINGS, lambda event: None)
    refused = read_json(run.candidates)["refusals"]
    assert [(one["family"], "does not have" in one["reason"]) for one in refused] == [("lightgbm", True)]


def test_a_target_that_is_not_there_is_refused_with_the_nearest(digits: Path, tmp_path: Path) -> None:
    spec = RunSpec(data=str(digits), target="lable", time_limit_s=20.0)
    with pytest.raises(BadCommand, match="no column 'lable'") as caught:
        run_table(spec, tmp_path / "run", SETTINGS, lambda event: None)
    assert "label" in caught.value.remedy
