from __future__ import annotations

import io
from pathlib import Path

import pyarrow.parquet
import pytest
from PIL import Image

from engine.errors import BadData
from engine.modalities.image import thumbnails
from engine.modalities.image.encoding import thumbnail
from engine.modalities.image.thumbnails import read_thumbnails, select_thumbnails, write_thumbnails
from tests.pictured import write_dataset


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("digits")
    write_dataset(folder)
    return folder / "dataset" / "data.parquet"


def test_each_row_has_its_own_small_jpeg(data: Path, tmp_path: Path) -> None:
    shares: list[float] = []
    write_thumbnails(data, tmp_path / "small", side=16, progress=shares.append)

    first, last, again = read_thumbnails(tmp_path / "small", [0, 29, 0])

    assert first == again != last
    with Image.open(io.BytesIO(last)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (16, 16))
    assert shares[-1] == 1.0


def test_a_small_picture_is_not_made_larger(data: Path, tmp_path: Path) -> None:
    write_thumbnails(data, tmp_path / "small")

    (content,) = read_thumbnails(tmp_path / "small", [5])

    assert Image.open(io.BytesIO(content)).size == (32, 32)


def test_some_can_be_taken_over(data: Path, tmp_path: Path) -> None:
    write_thumbnails(data, tmp_path / "small")
    select_thumbnails(tmp_path / "small", [7, 2], tmp_path / "few")

    assert read_thumbnails(tmp_path / "few", [0, 1]) == read_thumbnails(tmp_path / "small", [7, 2])
    with pytest.raises(BadData, match="no picture 2"):
        read_thumbnails(tmp_path / "few", [2])


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 200, b"\xff" * 8 + b"AIMTHUM1"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "small").write_bytes(content)

    with pytest.raises(BadData):
        read_thumbnails(tmp_path / "small", [0])


def test_a_kill_while_writing_leaves_nothing(data: Path, tmp_path: Path) -> None:
    def kill(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_thumbnails(data, tmp_path / "small", progress=kill)

    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_many_rows_show_is_made_small_once(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bytes] = []

    def counted(content: bytes, side: int) -> bytes:
        made.append(content)
        return thumbnail(content, side)

    table = pyarrow.parquet.read_table(data, columns=["image"]).take([4, 4, 9, 4] * 50)
    pyarrow.parquet.write_table(table, tmp_path / "again.parquet")
    monkeypatch.setattr(thumbnails, "thumbnail", counted)
    shares: list[float] = []
    write_thumbnails(tmp_path / "again.parquet", tmp_path / "small", progress=shares.append)

    small = read_thumbnails(tmp_path / "small", range(200))
    assert len(made) == len(set(small)) == 2 and small == [*small[:4]] * 50 and small[0] == small[3]
    assert shares == [64 / 200, 128 / 200, 192 / 200, 1.0]
