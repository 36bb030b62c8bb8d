"""Row groups stay small, and look-alikes far apart get one group."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from engine.modalities.image import writing
from engine.modalities.image.columns import picture_schema
from engine.modalities.image.reading import read_rows
from engine.modalities.image.source import Found, label_column
from engine.modalities.image.stored import read_different
from engine.modalities.image.writing import PictureWriter
from tests.engine.modalities.image.samples import encoded, noise


def write(folder: Path, seeds: list[int]) -> tuple[list[int], pq.ParquetFile]:
    schema = picture_schema((label_column(),))
    found = [
        Found(
            number=i, name=f"{i}.png", picture=encoded(noise(40, 40, seed)), values={"label": f"c{seed % 2}"}
        )
        for i, seed in enumerate(seeds)
    ]
    with PictureWriter(folder, schema) as writer:
        for rows in read_rows(found, 2):
            writer.add(rows)
        groups = writer.finish(folder / "data.parquet")
    assert writer.rows == len(seeds) and [path.name for path in folder.iterdir()] == ["data.parquet"]
    return groups.tolist(), pq.ParquetFile(folder / "data.parquet")


@pytest.mark.parametrize("double", [False, True])
def test_the_file_holds_every_row_in_order(tmp_path: Path, double: bool) -> None:
    seeds = [*range(70), *([3, 3, 69] if double else [100, 101, 102])]
    groups, file = write(tmp_path, seeds)
    table = file.read()
    assert table.column("path").to_pylist() == [f"{i}.png" for i in range(73)]
    assert table.column("image").to_pylist() == [encoded(noise(40, 40, seed)) for seed in seeds]
    assert table.column("label").to_pylist() == [f"c{seed % 2}" for seed in seeds]
    named = table.column("look_alikes").to_pylist()
    assert [None if group < 0 else f"g{group + 1}" for group in groups] == named
    members = {place for place, name in enumerate(named) if name is not None}
    assert members == ({3, 69, 70, 71, 72} if double else set())
    assert not double or (named[3] == named[70] == named[71] == "g1" and named[69] == named[72] == "g2")


def test_a_row_group_holds_few_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "GROUP_BYTES", 100_000)
    _, file = write(tmp_path, [*range(150), 0])
    groups = [file.metadata.row_group(i) for i in range(file.num_row_groups)]
    assert len(groups) > 2 and all(group.total_byte_size < 64 * 5000 + 100_000 for group in groups)


def test_a_picture_that_many_rows_show_is_kept_once(tmp_path: Path) -> None:
    contents = [encoded(noise(40, 40, seed)) for seed in range(70)]
    # The first is shown in both batches, and once more by a file of its own.
    places = [*([0, 1] * 40), *range(2, 70), 0]
    found = [Found(number=i, name=f"{i}.png", picture=contents[place]) for i, place in enumerate(places)]
    found.append(Found(number=len(found), name="copy.png", picture=bytes(bytearray(contents[0]))))
    with PictureWriter(tmp_path, picture_schema(())) as writer:
        read = list(read_rows(found, 2))
        for rows in read:
            writer.add(rows)
        groups = writer.finish(tmp_path / "data.parquet")
    assert len(read) == 2 and sum(len(rows.contents) for rows in read) == 72
    assert groups.tolist() == [*([0, 1] * 40), *([-1] * 68), 0, 0]
    table = pq.read_table(tmp_path / "data.parquet")
    assert table["image"].to_pylist() == [entry.picture for entry in found]
    assert table["width"].to_pylist() == [40] * 150
    assert [
        len(pictures.dictionary) for _, pictures in read_different(tmp_path / "data.parquet", "image")
    ] == [70]


def test_no_row_at_all(tmp_path: Path) -> None:
    groups, file = write(tmp_path, [])
    assert groups == [] and file.metadata.num_rows == 0
