"""Batch prediction writes one answer per row, in order, whole or not at all, in bounded memory."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.errors import AimassError, BadData
from engine.modalities.table import ImportLimits
from engine.serving.model import ServedModel
from engine.serving.predict import PredictSummary, predict_file
from tests.engine.published import AGE, CITY, CLASSES, FEATURES, Table, make_table


def run(
    model: Path, data: Path, out: Path | None, *, keep: bool = False, shares: list[float] | None = None
) -> PredictSummary:
    progress = (shares if shares is not None else []).append
    return predict_file(model, data, out, keep_columns=keep, limits=ImportLimits(), progress=progress)


def write_parquet(table: Table, path: Path) -> Path:
    pq.write_table(pa.Table.from_batches([table.batch]), path)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_answers_are_the_models_own(
    classifier: Path, raw_csv: Path, table: Table, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"answers{suffix}"
    shares: list[float] = []
    summary = run(classifier, raw_csv, out, shares=shares)
    expected = ServedModel.open(classifier).predict(table.batch)
    assert expected.labels is not None
    if suffix == ".parquet":
        columns = pq.read_table(out).to_pydict()
    else:
        with out.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file, delimiter="\t" if suffix == ".tsv" else ","))
        columns = {name: [row[name] for row in rows] for name in rows[0]}
    assert tuple(columns) == summary.columns
    assert summary.rows == len(columns["row"]) == 300
    assert [int(row) for row in columns["row"]] == list(range(300))
    assert columns["label"] == list(expected.labels)
    first = np.array(columns[f"probability_{CLASSES[0]}"], np.float32)
    np.testing.assert_array_equal(first, expected.scores[:, 0])
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.slow
def test_200_000_rows_of_parquet_stay_in_order(regressor: Path, tmp_path: Path) -> None:
    table = make_table(rows=200_000, seed=9)
    out = tmp_path / "out.parquet"
    assert run(regressor, write_parquet(table, tmp_path / "data.parquet"), out, keep=True).rows == 200_000
    written = pq.read_table(out)
    assert written.column_names == [AGE, FEATURES, CITY, "row", "prediction"]
    assert written.column("row").to_pylist() == list(range(200_000))
    places = [0, 16_383, 16_384, 99_999, 199_999]
    sample = table.batch.take(places)
    expected = ServedModel.open(regressor).predict(sample).scores[:, 0]
    np.testing.assert_allclose(written.column("prediction").take(places), expected, rtol=1e-6)


def test_one_row_is_enough_and_none_is_an_error(classifier: Path, raw_csv: Path, tmp_path: Path) -> None:
    lines = raw_csv.read_text(encoding="utf-8").splitlines(keepends=True)
    data, out = tmp_path / "data.csv", tmp_path / "out.csv"
    data.write_text("".join(lines[:2]), encoding="utf-8")
    assert run(classifier, data, out).rows == 1
    before = out.read_bytes()
    data.write_text(lines[0], encoding="utf-8")
    with pytest.raises(BadData):
        run(classifier, data, out)
    assert out.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv", "out.csv"]


def test_no_rows_of_parquet_leave_nothing(classifier: Path, tmp_path: Path) -> None:
    data = tmp_path / "data.parquet"
    pq.write_table(pa.table({AGE: [1.0], FEATURES: [1.0], CITY: ["x"]}).slice(0, 0), data)
    with pytest.raises(BadData):
        run(classifier, data, tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["data.parquet"]


def test_a_missing_column_is_named(classifier: Path, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text(f"{AGE},feature\n1,2\n2,3\n", encoding="utf-8")
    with pytest.raises(BadData, match=FEATURES):
        run(classifier, data, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_stranger_is_no_model(raw_csv: Path, tmp_path: Path) -> None:
    with pytest.raises(AimassError, match="not a whole ONNX model"):
        run(raw_csv, raw_csv, tmp_path / "out.csv")


def test_without_out_csv_goes_to_standard_output(
    classifier: Path, raw_csv: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    summary = run(classifier, raw_csv, None)
    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert summary.out is None
    assert lines[0].startswith('"row","label"')
    assert len(lines) == 301
