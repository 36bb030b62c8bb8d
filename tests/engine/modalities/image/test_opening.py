"""What is about pictures is known at a glance; what is a table stays one."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from engine.errors import BadData
from engine.modalities.image.opening import open_pictures, reads
from engine.modalities.table.limits import ImportLimits
from tests.engine.modalities.image.samples import encoded, idx, noise, packed, spread

PICTURE = encoded(noise(8, 8))
TABLE = b"a,b\n1,2\n"
IDX = idx(np.zeros((2, 8, 8), np.uint8))
LABELS = b"file,label\na.png,x\nb.png,y\n"
HEADER = ",".join(["label", *(f"pixel{i}" for i in range(64))])

SETS = {
    "classes": ((("a/1.png", PICTURE), ("b/2.jpg", PICTURE)), "images"),
    "flat": ((("1.png", PICTURE),), "images"),
    "labelled": ((("a.png", PICTURE), ("b.png", PICTURE), ("l.csv", LABELS)), "images"),
    "idx": ((("x-images-idx3-ubyte", IDX),), "idx"),
    "packed idx": ((("x-images-idx3-ubyte.gz", gzip.compress(IDX)),), "idx"),
}
OTHERS = {
    "a table": (("data.csv", TABLE),),
    "a table with a logo": (("data.csv", TABLE), ("logo.png", PICTURE)),
    "two tables": (("a.csv", TABLE), ("b.csv", TABLE)),
    "nothing": (),
    "litter": (("__MACOSX/1.png", PICTURE), ("data.csv", TABLE)),
    "drawings": (("a.svg", b"<svg/>"),),
}


@pytest.mark.parametrize("case", SETS)
def test_sets_of_pictures_are_read(tmp_path: Path, case: str) -> None:
    entries, form = SETS[case]
    for source in (packed(tmp_path / "set.zip", *entries), spread(tmp_path / "set", *entries)):
        assert reads(source)
        with open_pictures(source, ImportLimits(temporary_folder=tmp_path)) as pictures:
            assert pictures.format == form and any(entry.picture is not None for entry in pictures.entries())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set", "set.zip"]


@pytest.mark.parametrize("case", OTHERS)
def test_other_archives_are_not(tmp_path: Path, case: str) -> None:
    assert not reads(packed(tmp_path / "set.zip", *OTHERS[case]))


def test_files_that_are_no_archives(tmp_path: Path) -> None:
    for name, content, is_read in (
        ("pixels.csv", f"{HEADER}\n{'1,' * 64}1\n".encode(), True),
        ("data.csv", TABLE, False),
        ("picture.png", PICTURE, False),
        ("cut.zip", b"PK\x03\x04 cut off", False),
        ("empty.csv", b"", False),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        assert reads(path) == is_read
    assert not reads(tmp_path / "missing.zip")
    (tmp_path / "folder").mkdir()
    assert not reads(tmp_path / "folder")


def test_an_empty_archive_of_pictures_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(BadData, match="no pictures"),
        open_pictures(packed(tmp_path / "set.zip", ("__MACOSX/1.png", PICTURE)), ImportLimits()),
    ):
        pass
