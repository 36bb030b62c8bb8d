"""A picture that many rows show stands once in a row group, and every reader finds it in each of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.modalities.image.stored import PICTURES, only_shown, open_writer, read_different

CONTENTS = [bytes([i]) * 5_000 for i in range(4)]
#: Which of `CONTENTS` each row shows, by row group.
GROUPS = [[0, 1, 0, 0, 1], [2, 2, 3, 0]]
SHOWN = [CONTENTS[place] for group in GROUPS for place in group]


def as_pictures(places: list[int | None]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int32()), pa.array(CONTENTS, pa.binary()))


@pytest.fixture(params=["once", "plain"])
def data(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Write the rows as an import does, or as one did that kept a picture for every row."""
    path = tmp_path / "data.parquet"
    schema = pa.schema([("image", pa.binary()), ("label", pa.string())])
    if request.param == "plain":
        table = pa.table({"image": SHOWN, "label": ["a"] * len(SHOWN)}, schema=schema)
        pq.write_table(table, path, row_group_size=5, use_dictionary=False)
        return path
    with open_writer(path, schema) as writer:
        for group in GROUPS:
            pictures = only_shown(as_pictures(list(group)))
            writer.write_table(pa.table({"image": pictures, "label": ["a"] * len(group)}, writer.schema))
    assert path.stat().st_size < 5 * 5_000 + 2_000
    return path


def test_to_others_it_is_a_column_of_bytes(data: Path) -> None:
    column = pq.read_table(data)["image"]
    assert (column.type, column.to_pylist()) == (pa.binary(), SHOWN)


@pytest.mark.parametrize("wanted", [None, [0, 1, 2, 3, 4, 5, 6, 7, 8], [1, 5, 6], [3], [8], []])
def test_the_different_pictures_come_by_row_group(data: Path, wanted: list[int] | None) -> None:
    read = list(read_different(data, "image", None if wanted is None else np.array(wanted, np.int64)))
    rows = list(range(9)) if wanted is None else wanted
    assert [row for found, _ in read for row in found.tolist()] == rows
    assert [one for _, pictures in read for one in pictures.to_pylist()] == [SHOWN[row] for row in rows]
    for _, pictures in read:
        assert sorted(pictures.dictionary.to_pylist()) == sorted(set(pictures.to_pylist()))


def test_what_no_row_shows_is_left_out() -> None:
    kept = only_shown(as_pictures([3, None, 1, 3]))
    assert kept.type == PICTURES
    assert kept.to_pylist() == [CONTENTS[3], None, CONTENTS[1], CONTENTS[3]]
    assert kept.dictionary.to_pylist() == [CONTENTS[1], CONTENTS[3]]
