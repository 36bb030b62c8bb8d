"""A published file predicts, proves itself and gives the report's figures again."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.usecases.model_files import predict, verdict, verify
from engine.errors import BadModel
from engine.specs.run import RunPaths
from tests.runs import SETTINGS

pytestmark = pytest.mark.slow


def test_predictions_have_a_row_each(finished: RunPaths, cancer: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    shares: list[float] = []
    summary = predict(
        finished.model, cancer, out, keep_columns=False, settings=SETTINGS, progress=shares.append
    )
    with out.open() as file:
        lines = list(csv.DictReader(file))
    assert summary.rows == len(lines) == 569
    assert {line["label"] for line in lines} == {"benign", "malignant"}


def test_verify_computes_the_reports_figures_again(finished: RunPaths, cancer: Path) -> None:
    result = verify(finished.model, cancer, finished.test_rows, settings=SETTINGS)
    assert result["metrics"].keys() == result["reported"].keys()
    for name, value in result["metrics"].items():
        assert abs(value - result["reported"][name]) < 1e-6
    assert "roc_auc" in verdict(result) and "golden rows" in verdict(result)


def test_a_changed_file_is_refused(finished: RunPaths, tmp_path: Path) -> None:
    content = bytearray(finished.model.read_bytes())
    content[len(content) // 2] ^= 1
    changed = tmp_path / "model.onnx"
    changed.write_bytes(content)
    with pytest.raises(BadModel):
        verify(changed, None, None, settings=SETTINGS)
