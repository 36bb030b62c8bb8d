"""Scoring asks the model the very rows that have a known answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import BadCommand, BadData
from engine.modalities.table import ImportLimits
from engine.serving.model import ServedModel
from engine.serving.score import score_file
from tests.engine.published import TARGET, Table

LIMITS = ImportLimits()


def test_all_rows_with_a_target_are_scored(classifier: Path, raw_csv: Path, table: Table) -> None:
    scored = score_file(classifier, raw_csv, None, limits=LIMITS)
    assert scored.task == "binary"
    np.testing.assert_array_equal(scored.y, [row % 2 for row in range(300)])
    np.testing.assert_array_equal(scored.scores, ServedModel.open(classifier).predict(table.batch).scores)
    assert scored.reported == {"roc_auc": 0.5}


def test_only_the_named_rows_are_scored(
    classifier: Path, raw_csv: Path, table: Table, tmp_path: Path
) -> None:
    rows = tmp_path / "test_rows.csv"
    rows.write_text("row\n7\n2\n299\n", encoding="utf-8")
    scored = score_file(classifier, raw_csv, rows, limits=LIMITS)
    expected = ServedModel.open(classifier).predict(table.batch.take([2, 7, 299])).scores
    np.testing.assert_array_equal(scored.y, [0, 1, 1])
    np.testing.assert_allclose(scored.scores, expected, atol=1e-6)


@pytest.mark.parametrize("text", ["", "line\n1\n", "row\nx\n", "row\n300\n"])
def test_row_numbers_that_cannot_be_are_refused(
    classifier: Path, raw_csv: Path, tmp_path: Path, text: str
) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text(text, encoding="utf-8")
    with pytest.raises((BadCommand, BadData)):
        score_file(classifier, raw_csv, rows, limits=LIMITS)


def test_data_without_known_answers_cannot_be_scored(classifier: Path, raw_csv: Path, tmp_path: Path) -> None:
    lines = raw_csv.read_text(encoding="utf-8").splitlines()
    other = tmp_path / "other.csv"
    other.write_text(
        "\n".join([lines[0], *(line.rsplit(",", 2)[0] + ",maybe,z" for line in lines[1:])]), encoding="utf-8"
    )
    with pytest.raises(BadData, match="No row can be scored"):
        score_file(classifier, other, None, limits=LIMITS)
    other.write_text("\n".join(line.replace(TARGET, "else") for line in lines), encoding="utf-8")
    with pytest.raises(BadData, match="target"):
        score_file(classifier, other, None, limits=LIMITS)
