"""Every source has one kind of data, every kind is in the catalogue, and each import keeps one contract."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from engine.errors import BadCommand, BadData
from engine.files import read_json
from engine.modalities.catalogue import MODALITIES, check_source, modality_of
from engine.modalities.table import profile_table
from engine.modalities.table.limits import ImportLimits
from engine.specs.codec import from_json
from engine.specs.dataset import ImportSummary
from engine.specs.schema import Schema
from tests.engine.modalities.image.samples import encoded, noise, packed, spread

PICTURES = tuple((f"{'ab'[i % 2]}/{i}.png", encoded(noise(8, 8, i))) for i in range(30))
TABLE = ("data.csv", b"a,b\n" + b"1,x\n2,y\n" * 20)
LIMITS = ImportLimits(memory_bytes=256 << 20, threads=1)


def sources(folder: Path) -> dict[str, Path]:
    """One source of each kind."""
    return {"image": spread(folder / "set", *PICTURES), "table": spread(folder, TABLE) / "data.csv"}


def test_every_room_is_in_the_catalogue(repository: Path) -> None:
    rooms = {path.parent.name for path in (repository / "engine" / "modalities").glob("*/__init__.py")}
    assert {modality.name for modality in MODALITIES} == rooms
    assert all(modality.title for modality in MODALITIES)


@pytest.mark.parametrize("modality", MODALITIES, ids=lambda modality: modality.name)
def test_an_import_keeps_the_contract(modality: object, tmp_path: Path) -> None:
    name = modality.name  # type: ignore[attr-defined]
    source, folder = sources(tmp_path)[name], tmp_path / "out"
    folder.mkdir()
    assert modality_of(source).name == name
    shares: list[float] = []
    summary = modality_of(source).import_data(source, folder, limits=LIMITS, progress=shares.append)
    assert sorted(path.name for path in folder.iterdir()) == [
        "data.parquet",
        "import.json",
        "rejects.csv",
        "schema.json",
    ]
    assert from_json(ImportSummary, read_json(folder / "import.json")) == summary and shares[-1] == 1
    schema = from_json(Schema, read_json(folder / "schema.json"))
    assert schema.names == tuple(pq.read_schema(folder / "data.parquet").names)
    profile = profile_table(folder / "data.parquet", schema, target=None, limits=LIMITS)
    assert profile.rows == summary.rows_imported and tuple(profile.by_name) == schema.names


@pytest.mark.parametrize(
    ("entries", "name"),
    [
        (PICTURES, "image"),
        ((TABLE,), "table"),
        ((TABLE, ("logo.png", PICTURES[0][1])), "table"),
        ((*PICTURES, ("labels.csv", b"file,label\n0.png,x\n")), "image"),
        ((("notes.pdf", b"%PDF"),), "table"),
    ],
)
def test_an_archive_is_what_it_holds(
    tmp_path: Path, entries: tuple[tuple[str, bytes], ...], name: str
) -> None:
    assert modality_of(packed(tmp_path / "set.zip", *entries)).name == name


def test_what_is_not_there_is_left_to_the_table(tmp_path: Path) -> None:
    assert modality_of(tmp_path / "missing").name == "table"


def test_a_folder_passes_when_something_reads_it(tmp_path: Path) -> None:
    found = sources(tmp_path)
    assert [check_source(path) for path in found.values()] == list(found.values())
    (tmp_path / "empty").mkdir()
    spread(tmp_path / "tables", TABLE)
    for folder in ("empty", "tables"):
        with pytest.raises(BadCommand, match="is a folder"):
            check_source(tmp_path / folder)
    with pytest.raises(BadCommand, match="no file"):
        check_source(tmp_path / "missing")
    with pytest.raises(BadData, match="empty"):
        check_source(spread(tmp_path, ("nothing.csv", b"")) / "nothing.csv")
