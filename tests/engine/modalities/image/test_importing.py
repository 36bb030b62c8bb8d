"""Pictures of any source become the same dataset; hostile ones leave a line or a refusal, never a surprise."""

from __future__ import annotations

import csv
import errno
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sklearn.datasets import load_digits

from engine.errors import BadData, NoSpace
from engine.files import read_json
from engine.modalities.image import writing
from engine.modalities.image.decoding import decode
from engine.modalities.image.importing import import_images
from engine.modalities.table.limits import ImportLimits
from engine.specs.codec import from_json
from engine.specs.dataset import ImportSummary
from engine.specs.schema import Schema
from tests.engine.modalities.image.samples import MODES, encoded, idx, in_mode, noise, packed, raw_png, spread

LIMITS = ImportLimits(memory_bytes=256 << 20, threads=2)
FILES = ["data.parquet", "import.json", "rejects.csv", "schema.json"]


def imported(
    source: Path, folder: Path, limits: ImportLimits = LIMITS
) -> tuple[ImportSummary, list[dict[str, Any]]]:
    """Import, check what holds of every import, and return the summary and the rows."""
    folder.mkdir()
    shares: list[float] = []
    summary = import_images(source, folder, limits=limits, progress=shares.append)
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert from_json(ImportSummary, read_json(folder / "import.json")) == summary
    table = pq.read_table(folder / "data.parquet")
    assert from_json(Schema, read_json(folder / "schema.json")).names == tuple(table.column_names)
    assert table.num_rows == summary.rows_imported == summary.rows_read - summary.rows_rejected
    assert len(rejected(folder)) == summary.rows_rejected
    assert shares == sorted(shares) and shares[-1] == 1
    rows = table.to_pylist()
    assert len({row["path"] for row in rows}) == len(rows)
    return summary, rows


def rejected(folder: Path) -> list[dict[str, str]]:
    with (folder / "rejects.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def digits(count: int) -> list[tuple[str, bytes]]:
    held = load_digits()
    pictures = (held.images[:count] * 15.9).astype(np.uint8)
    return [
        (f"digits/{label}/{i:04d}.png", encoded(picture))
        for i, (picture, label) in enumerate(zip(pictures, held.target, strict=False))
    ]


def test_class_folders_become_rows_with_labels(tmp_path: Path) -> None:
    entries = digits(60)
    summary, rows = imported(packed(tmp_path / "set.zip", *entries), tmp_path / "out")
    assert summary.format == "images" and summary.bytes == (tmp_path / "set.zip").stat().st_size
    assert [(row["path"], row["label"]) for row in rows] == sorted((n, n.split("/")[1]) for n, _ in entries)
    contents = dict(entries)
    for row in rows:
        assert row["image"] == contents[row["path"]] and (row["width"], row["height"]) == (8, 8)
        assert 0 < row["brightness"] < 1 and row["saturation"] == row["colourfulness"] == 0
        assert row["look_alikes"] is None


def test_folder_and_archive_give_the_same_rows(tmp_path: Path) -> None:
    entries = [*digits(30), ("digits/0/broken.png", b"\x89PNG"), ("digits/about.md", b"# digits")]
    _, from_folder = imported(spread(tmp_path / "set", *entries), tmp_path / "a")
    _, from_archive = imported(packed(tmp_path / "set.zip", *reversed(entries)), tmp_path / "b")
    assert from_folder == from_archive and rejected(tmp_path / "a") == rejected(tmp_path / "b")


def test_every_kind_and_mode_lands_upright_in_eight_bits(tmp_path: Path) -> None:
    entries = [
        (f"{'ab'[i % 2]}/{form}-{mode}.x", encoded(in_mode(noise(20, 30, i), mode), form))
        for i, (form, mode) in enumerate((form, mode) for form, modes in MODES.items() for mode in modes)
    ]
    _, rows = imported(spread(tmp_path / "set", *entries), tmp_path / "out")
    assert len(rows) == len(entries)
    contents = dict(entries)
    for row in rows:
        with Image.open(BytesIO(row["image"])) as image:
            assert image.format in ("PNG", "JPEG") and image.mode in ("L", "RGB")
        assert (decode(row["image"]) == decode(contents[row["path"]])).all()


def test_doubles_are_grouped_and_told(tmp_path: Path) -> None:
    one, other = noise(128, 128, 1), noise(128, 128, 2)
    entries = [
        ("a/1.png", encoded(one)), ("a/2.jpg", encoded(one, "JPEG", quality=80)), ("b/3.bmp", encoded(one, "BMP")),
        ("b/4.png", encoded(other)), ("b/5.png", encoded(other)), ("b/6.png", encoded(noise(128, 128, 3))),
    ]  # fmt: skip
    summary, rows = imported(spread(tmp_path / "set", *entries), tmp_path / "out")
    assert [row["look_alikes"] for row in rows] == ["g1", "g1", "g1", "g2", "g2", None]
    assert "5 pictures look like another one (2 groups" in summary.notes[0]
    assert "1 groups of look-alikes stand under more than one label" in summary.notes[1]


def test_idx_pixels_and_flat_pictures_are_read(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 8, 8), dtype=np.uint8)
    labels = np.arange(30, dtype=np.uint8) % 10
    pair = ("t10k-images-idx3-ubyte", idx(pixels)), ("t10k-labels-idx1-ubyte", idx(labels))
    header = ",".join(["label", *(f"pixel{i}" for i in range(64))])
    lines = [",".join(map(str, [label, *p.ravel()])) for label, p in zip(labels, pixels, strict=True)]
    (tmp_path / "pixels.csv").write_text("\n".join([header, *lines]))
    flat = [(f"{i:02d}.png", encoded(p)) for i, p in enumerate(pixels)]
    _, from_idx = imported(packed(tmp_path / "a.zip", *pair), tmp_path / "a")
    _, from_csv = imported(tmp_path / "pixels.csv", tmp_path / "b")
    summary, from_files = imported(spread(tmp_path / "set", *flat), tmp_path / "c")
    for rows in (from_idx, from_csv, from_files):
        assert all((decode(row["image"]) == p[..., None]).all() for row, p in zip(rows, pixels, strict=True))
    assert [row["label"] for row in from_idx] == [str(label) for label in labels]
    assert {row["set"] for row in from_idx} == {"test"}
    assert [row["label"] for row in from_csv] == labels.tolist()
    assert {row["label"] for row in from_files} == {None} and "empty" in summary.notes[0]


HOSTILE = {
    "bomb.png": (raw_png(60_000, 60_000, 8, 2, b""), "too large"),
    "drawing.png": (b"<svg onload='alert(1)'/>", "SVG"),
    "moves.webp": (
        encoded(
            Image.fromarray(noise(8, 8, 1)),
            "WEBP",
            save_all=True,
            append_images=[Image.fromarray(noise(8, 8, 2))],
        ),
        "moves",
    ),
    "cut.jpg": (encoded(noise(64, 64), "JPEG")[:700], "broken"),
    "text.jpg": (b"not a picture at all", "not a picture"),
    "nothing.png": (b"", "not a picture"),
    "inner/../x.txt": (b"a note", "not a picture"),
}


def test_hostile_files_leave_a_line_and_cost_no_others(tmp_path: Path) -> None:
    good = [(f"{'ab'[i % 2]}/{i}.dat", encoded(noise(9, 9, i), "JPEG")) for i in range(6)]
    hostile = [(name.replace("inner/../", "c/"), content) for name, (content, _) in HOSTILE.items()]
    for number, source in enumerate(
        (spread(tmp_path / "set", *good, *hostile), packed(tmp_path / "set.zip", *good, *hostile))
    ):
        folder = tmp_path / f"out{number}"
        summary, rows = imported(source, folder)
        assert summary.rows_imported == 6 and {row["path"] for row in rows} == {name for name, _ in good}
        reasons = {line["text"]: line["reason"] for line in rejected(folder)}
        assert all(why in reasons[name.replace("inner/../", "c/")] for name, (_, why) in HOSTILE.items())


def test_nothing_rides_along_with_a_picture(tmp_path: Path) -> None:
    inside = BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("run.sh", "rm -rf")
    entries = [(f"{form}", encoded(noise(9, 9), form) + inside.getvalue()) for form in ("PNG", "JPEG")]
    _, rows = imported(spread(tmp_path / "set", *entries), tmp_path / "out")
    assert [row["image"] for row in rows] == [encoded(noise(9, 9), form) for form in ("JPEG", "PNG")]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("../1.png", b"x", "not safe"),
        ("/etc/1.png", b"x", "not safe"),
        ("C:/1.png", b"x", "not safe"),
        ("a\\..\\1.png", b"x", "not safe"),
        ("A/0.PNG", b"x", "not safe"),
        ("inner.zip", b"PK\x03\x04", "another archive"),
        ("x.tar.gz", b"\x1f\x8b", "another archive"),
        ("big.png", b"\x89PNG\r\n\x1a\n" + bytes(200 << 20), "unpacks to more"),
    ],
)
def test_a_hostile_archive_is_refused_as_a_whole(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    good = [(f"a/{i}.png", encoded(noise(9, 9, i))) for i in range(3)]
    source = packed(tmp_path / "set.zip", *good, (name, content))
    (tmp_path / "out").mkdir()
    with pytest.raises(BadData, match=why):
        import_images(source, tmp_path / "out", limits=LIMITS, progress=lambda share: None)
    assert [path.name for path in (tmp_path / "out").iterdir()] in ([], ["rejects.csv"])


@pytest.mark.slow
def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(200_001):
            archive.writestr(zipfile.ZipInfo(f"{i}.png"), b"")
    (tmp_path / "out").mkdir()
    with pytest.raises(BadData, match="too many files"):
        import_images(path, tmp_path / "out", limits=LIMITS, progress=lambda share: None)


def test_a_source_without_one_picture_is_refused(tmp_path: Path) -> None:
    source = spread(tmp_path / "set", ("a/1.png", b"x"), ("b/2.png", b"y"))
    (tmp_path / "out").mkdir()
    with pytest.raises(BadData, match="no pictures that can be read"):
        import_images(source, tmp_path / "out", limits=LIMITS, progress=lambda share: None)


def test_a_quota_holds(tmp_path: Path) -> None:
    source = packed(tmp_path / "set.zip", *digits(200))
    (tmp_path / "out").mkdir()
    with pytest.raises(BadData, match="at most 10,000 bytes"):
        import_images(
            source,
            tmp_path / "out",
            limits=ImportLimits(max_unpacked_bytes=10_000),
            progress=lambda share: None,
        )


def test_a_full_disk_is_told_and_leaves_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(writing.PictureWriter):
        def finish(self, data: Path) -> Any:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("engine.modalities.image.importing.PictureWriter", Full)
    (tmp_path / "out").mkdir()
    with pytest.raises(NoSpace, match="disk is full"):
        import_images(
            spread(tmp_path / "set", *digits(5)), tmp_path / "out", limits=LIMITS, progress=lambda share: None
        )
    assert not list((tmp_path / "out").glob(".tmp-*"))


@given(data=st.data())
def test_any_damage_to_an_archive_is_an_import_or_bad_data(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    source = packed(folder / "set.zip", *digits(6), ("labels.csv", b"file,x\n0000.png,1\n0001.png,2\n"))
    content = bytearray(source.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    source.write_bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))])
    try:
        summary, _ = imported(source, folder / "out")
    except BadData as problem:
        assert problem.remedy
    else:
        assert summary.rows_imported


@pytest.mark.slow
def test_real_photographs(tmp_path: Path, shared_data: Path) -> None:
    summary, rows = imported(shared_data / "image" / "cifar10", tmp_path / "cifar10")
    assert (summary.rows_imported, summary.rows_rejected) == (1900, 0)
    assert {row["set"] for row in rows} == {"train", "test"} and len({row["label"] for row in rows}) == 10
    assert {row["look_alikes"] for row in rows} == {None}
    summary, rows = imported(shared_data / "image" / "flowers", tmp_path / "flowers")
    assert (summary.rows_imported, len({row["label"] for row in rows})) == (400, 5)
    alike = [row["path"] for row in rows if row["look_alikes"] is not None]
    # Looked at by eye: the same flower, photographed twice within a moment.
    assert len(alike) == 4 and all(path.startswith("daisy/10") for path in alike)
