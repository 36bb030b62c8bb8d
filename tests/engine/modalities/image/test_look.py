"""The pictures of chosen rows, and of no others."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from engine.errors import BadCommand
from engine.modalities.image.decoding import decode
from engine.modalities.image.importing import import_images
from engine.modalities.image.look import pictures, thumbnails
from engine.modalities.table.limits import ImportLimits
from tests.engine.modalities.image.samples import encoded, noise, spread


@pytest.fixture
def data(tmp_path: Path) -> Path:
    source = spread(tmp_path / "set", *((f"{i:02d}.png", encoded(noise(10 + i, 30, i))) for i in range(20)))
    (tmp_path / "out").mkdir()
    import_images(source, tmp_path / "out", limits=ImportLimits(), progress=lambda share: None)
    path = tmp_path / "out" / "data.parquet"
    # As a larger import would write it.
    pq.write_table(pq.read_table(path), path, row_group_size=6)
    return path


@pytest.mark.parametrize("rows", [[0], [19, 0, 7, 7], list(range(20)), []])
def test_rows_come_as_they_were_asked_for(data: Path, rows: list[int]) -> None:
    assert [decode(content).tolist() for content in pictures(data, rows)] == [
        noise(10 + row, 30, row).tolist() for row in rows
    ]
    sizes = []
    for content in thumbnails(data, rows, 15):
        with Image.open(BytesIO(content)) as image:
            assert image.format == "JPEG"
            sizes.append(image.size)
    assert [max(size) for size in sizes] == [15] * len(rows)


@pytest.mark.parametrize("row", [-1, 20])
def test_a_row_that_is_not_there_is_refused(data: Path, row: int) -> None:
    with pytest.raises(BadCommand, match="no picture"):
        thumbnails(data, [0, row], 10)
