"""Any source of pictures is answered file by file, in order; a broken one is told and stops nothing."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from engine.errors import AimassError, BadData
from engine.modalities.table import ImportLimits
from engine.serving.model import ServedModel
from engine.serving.picture_source import BATCH_PICTURES, PATH, PROBLEM, open_source
from engine.serving.predict import predict_file
from engine.serving.score import score_file
from tests.engine.published_pictures import COLOURS, batch, encoded, picture

LIMITS = ImportLimits()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """100 pictures in folders of their class, one of them cut off, and a note."""
    root = tmp_path / "colours"
    for i in range(100):
        path = root / COLOURS[i % 3] / f"{i:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = encoded(picture((10 + i % 4, 12), i % 3, i), "JPEG" if i % 2 else "PNG")
        path.write_bytes(content if i != 40 else content[:60])
    (root / "README.txt").write_text("not a picture", encoding="utf-8")
    return root


def zipped(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return path


def answers(model: Path, data: Path, out: Path) -> list[dict[str, object]]:
    shares: list[float] = []
    summary = predict_file(model, data, out, keep_columns=True, limits=LIMITS, progress=shares.append)
    table = pq.read_table(out) if out.suffix == ".parquet" else pyarrow.csv.read_csv(out)
    assert tuple(table.column_names) == summary.columns
    assert table.num_rows == summary.rows
    assert shares == sorted(shares) and shares[-1] == 1.0
    rows: list[dict[str, object]] = table.to_pylist()
    return rows


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("packed", [True, False])
def test_a_folder_and_a_zip_are_answered_file_by_file(
    picture_model: Path, folder: Path, suffix: str, packed: bool
) -> None:
    data = zipped(folder) if packed else folder
    rows = answers(picture_model, data, folder.parent / f"out{suffix}")
    assert list(rows[0]) == ["path", "row", "label", *(f"probability_{c}" for c in COLOURS), "problem"]
    assert [row["path"] for row in rows] == sorted(str(row["path"]) for row in rows)
    assert [row["row"] for row in rows] == list(range(101))
    by_path = {str(row["path"]): row for row in rows}
    for path, row in by_path.items():
        if path in ("README.txt", f"{COLOURS[1]}/040.png"):
            assert not row["label"] and row["problem"] and row[f"probability_{COLOURS[0]}"] is None
        else:
            assert row["label"] == path.split("/")[0] and not row["problem"]
    assert "not a picture" in str(by_path["README.txt"]["problem"])
    assert "broken" in str(by_path[f"{COLOURS[1]}/040.png"]["problem"])


def test_one_picture_is_a_source(picture_model: Path, tmp_path: Path) -> None:
    data = tmp_path / "my photo"
    data.write_bytes(encoded(picture((9, 9), 2), "WebP"))
    (row,) = answers(picture_model, data, tmp_path / "out.parquet")
    assert (row["path"], row["label"], row["problem"]) == ("my photo", "blue", None)


def test_the_table_of_a_dataset_is_one(picture_model: Path, tmp_path: Path) -> None:
    rows = batch(150)
    data = tmp_path / "data.parquet"
    pq.write_table(pa.Table.from_batches([rows]), data, row_group_size=40)
    found = answers(picture_model, data, tmp_path / "out.parquet")
    assert [row["label"] for row in found] == rows.column("label").to_pylist()
    assert [row["path"] for row in found] == rows.column("path").to_pylist()
    expected = ServedModel.open(picture_model).predict(rows).scores[:, 0]
    assert [row[f"probability_{COLOURS[0]}"] for row in found] == pytest.approx(expected.tolist(), abs=1e-6)


def test_batches_are_small_and_name_what_cannot_be_read(folder: Path) -> None:
    with open_source(folder, "image", LIMITS) as source:
        batches = list(source.batches)
    assert source.total == 101
    assert max(rows.num_rows for rows in batches) <= BATCH_PICTURES
    table = pa.Table.from_batches(batches)
    problems = dict(zip(table[PATH].to_pylist(), table[PROBLEM].to_pylist(), strict=True))
    assert [path for path, problem in problems.items() if problem] == ["README.txt"]


@pytest.mark.parametrize("name", ["notes.txt", "table.parquet", "missing.zip", "empty.zip"])
def test_what_holds_no_pictures_is_refused(picture_model: Path, tmp_path: Path, name: str) -> None:
    data = tmp_path / name
    if name == "notes.txt":
        data.write_text("a,b\n1,2\n", encoding="utf-8")
    elif name == "table.parquet":
        pq.write_table(pa.table({"image": ["a"]}), data)
    elif name == "empty.zip":
        zipfile.ZipFile(data, "w").close()
    with pytest.raises(AimassError):
        answers(picture_model, data, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_hostile_zip_is_refused(picture_model: Path, tmp_path: Path) -> None:
    data = tmp_path / "evil.zip"
    with zipfile.ZipFile(data, "w") as archive:
        for i in range(3):
            archive.writestr(f"../../evil{i}.png", encoded(picture((5, 5), 0)))
    with pytest.raises(BadData):
        answers(picture_model, data, tmp_path / "out.csv")


@pytest.mark.parametrize("packed", [True, False])
def test_known_answers_of_a_source_are_scored_with_the_runs_row_numbers(
    picture_model: Path, folder: Path, packed: bool
) -> None:
    data = zipped(folder) if packed else folder
    scored = score_file(picture_model, data, None, limits=LIMITS)
    assert scored.y.shape == (99,)
    assert (scored.scores.argmax(axis=1) == scored.y).all()
    chosen = folder.parent / "rows.csv"
    chosen.write_text("row\n0\n98\n", encoding="utf-8")
    few = score_file(picture_model, data, chosen, limits=LIMITS)
    assert few.y.tolist() == [scored.y[0], scored.y[98]]


def test_known_answers_of_a_dataset_are_scored(picture_model: Path, tmp_path: Path) -> None:
    rows = batch(80)
    data = tmp_path / "data.parquet"
    pq.write_table(pa.Table.from_batches([rows]), data)
    scored = score_file(picture_model, data, None, limits=LIMITS)
    assert [COLOURS[int(y)] for y in scored.y] == rows.column("label").to_pylist()
    assert (scored.scores.argmax(axis=1) == scored.y).all()
    pq.write_table(pa.Table.from_batches([rows]).select(["image"]), data)
    with pytest.raises(BadData, match="'label'"):
        score_file(picture_model, data, None, limits=LIMITS)
