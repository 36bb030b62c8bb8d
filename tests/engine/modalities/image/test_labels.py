"""A table beside pictures gives them its columns; every row and every file is accounted for."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from engine.modalities.image import labels
from engine.modalities.image.labels import LabelledPictures, find_label_table, picture_index
from engine.modalities.image.source import Found
from engine.modalities.table.limits import ImportLimits
from engine.providers.files import TooMuch, open_files
from tests.engine.modalities.image.samples import encoded, noise, packed, spread

LIMITS = ImportLimits(memory_bytes=256 << 20, threads=1)
PICTURES = [(f"pics/img{i:02d}.png", encoded(noise(8, 8, i))) for i in range(12)]


def read(source: Path, scratch: Path, most: int = 1 << 30) -> tuple[LabelledPictures, list[Found]] | None:
    with ExitStack() as opened:
        files = opened.enter_context(open_files(source, max_bytes=most, packed=lambda name: False))
        index = picture_index(files)
        scratch.mkdir()
        table = find_label_table(files, index, scratch, LIMITS)
        if table is None:
            return None
        pictures = LabelledPictures(files, table, index)
        return pictures, list(pictures.entries())


def rows(*cells: str) -> bytes:
    return "\n".join(cells).encode() + b"\n"


WRITTEN = {
    "file name": lambda name: name.rpartition("/")[2],
    "path": lambda name: name,
    "without ending": lambda name: name.rpartition("/")[2].removesuffix(".png"),
    "windows": lambda name: "data\\" + name.replace("/", "\\"),
}


@pytest.mark.parametrize("how", WRITTEN)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_come_to_their_pictures(tmp_path: Path, how: str, delimiter: str) -> None:
    table = rows(
        delimiter.join(["file", "breed", "age"]),
        *(delimiter.join([WRITTEN[how](name), f"b{i % 3}", str(i)]) for i, (name, _) in enumerate(PICTURES)),
    )
    found = read(spread(tmp_path / "set", *PICTURES, ("labels.csv", table)), tmp_path / "scratch")
    assert found is not None
    pictures, entries = found
    assert [(c.name, c.physical) for c in pictures.columns] == [("breed", "string"), ("age", "int64")]
    assert [entry.name for entry in entries] == [name for name, _ in PICTURES]
    assert [dict(entry.values) for entry in entries] == [{"breed": f"b{i % 3}", "age": i} for i in range(12)]
    assert [entry.picture for entry in entries] == [content for _, content in PICTURES]


def test_nothing_is_dropped_silently(tmp_path: Path) -> None:
    named = [f"{name},x" for name, _ in PICTURES[:8]]
    table = rows("file,label", *named, "gone.png,y", ",z", f"{PICTURES[0][0]},w")
    source = packed(tmp_path / "set.zip", *PICTURES, ("labels.csv", table), ("LICENSE", b"free"))
    found = read(source, tmp_path / "scratch")
    assert found is not None
    _, entries = found
    good = [(entry.name, entry.values.get("label")) for entry in entries if entry.picture is not None]
    again = (f"{PICTURES[0][0]}#2", "w")
    assert good == [
        *((name, "x") for name, _ in PICTURES[:8]),
        again,
        *((name, None) for name, _ in PICTURES[8:]),
    ]
    broken = [(entry.number, entry.name) for entry in entries if entry.picture is None]
    assert broken == [(9, "gone.png"), (10, ""), (1, "LICENSE")]


def test_a_table_without_header_gives_labels(tmp_path: Path) -> None:
    table = rows(*(f"{name.rpartition('/')[2]},{'ab'[i % 2]}" for i, (name, _) in enumerate(PICTURES)))
    found = read(spread(tmp_path / "set", *PICTURES, ("labels.txt", table)), tmp_path / "scratch")
    assert found is not None
    pictures, entries = found
    assert [column.name for column in pictures.columns] == ["label"]
    assert [entry.values["label"] for entry in entries] == ["a", "b"] * 6


def test_the_table_that_names_most_is_taken(tmp_path: Path) -> None:
    good = rows("id,label", *(f"img{i:02d},{i % 2}" for i in range(12)))
    sample = rows("id,label", *(f"img{i:02d},{i % 2}" for i in range(3)), *(f"no{i},0" for i in range(2)))
    other = rows("a,b", "1,2", "3,4")
    source = spread(
        tmp_path / "set",
        *PICTURES,
        ("a.csv", other),
        ("b.csv", sample),
        ("train.csv", good),
        ("c.csv", b"\0\0"),
    )
    found = read(source, tmp_path / "scratch")
    assert found is not None and "train.csv" in found[0].notes[0]


def test_a_column_named_like_one_of_the_datasets_own_is_renamed(tmp_path: Path) -> None:
    table = rows(
        "image,width,path,width_2", *(f"{name},{i},p{i % 2},q" for i, (name, _) in enumerate(PICTURES))
    )
    found = read(spread(tmp_path / "set", *PICTURES, ("labels.csv", table)), tmp_path / "scratch")
    assert found is not None
    assert [column.name for column in found[0].columns] == ["width_3", "path_2", "width_2"]
    assert found[1][3].values == {"width_3": 3, "path_2": "p1", "width_2": "q"}


def test_several_labels_in_one_cell_stay_one_text(tmp_path: Path) -> None:
    tags = ["sun", "sun|sea", "dog|sea|sun", "dog"] * 3
    table = rows("file,tags", *(f"{name},{tag}" for (name, _), tag in zip(PICTURES, tags, strict=True)))
    found = read(spread(tmp_path / "set", *PICTURES, ("labels.csv", table)), tmp_path / "scratch")
    assert found is not None and [entry.values["tags"] for entry in found[1]] == tags


FOLDERED = [(f"{('train', 'test')[i % 2]}/{'cd'[i // 2 % 2]}/{i:02d}.png", PICTURES[i][1]) for i in range(12)]


def test_classes_come_from_folders_where_the_table_has_none(tmp_path: Path) -> None:
    table = rows("file,lux", *(f"{name},{i * 1.5}" for i, (name, _) in enumerate(FOLDERED[:8])))
    found = read(spread(tmp_path / "set", *FOLDERED, ("meta.csv", table)), tmp_path / "scratch")
    assert found is not None
    pictures, entries = found
    assert [column.name for column in pictures.columns] == ["label", "lux", "set"]
    assert [entry.values["label"] for entry in entries] == [entry.name.split("/")[1] for entry in entries]
    assert {(entry.values["set"], entry.name.split("/")[0]) for entry in entries} == {
        ("train", "train"),
        ("test", "test"),
    }
    assert sum("lux" in entry.values for entry in entries) == 8


def test_the_tables_classes_come_before_those_of_folders(tmp_path: Path) -> None:
    table = rows("file,breed", *(f"{name},b{i % 2}" for i, (name, _) in enumerate(FOLDERED)))
    found = read(spread(tmp_path / "set", *FOLDERED, ("labels.csv", table)), tmp_path / "scratch")
    assert found is not None and [column.name for column in found[0].columns] == ["breed", "set"]


def test_a_list_of_some_pictures_does_not_take_the_classes_of_all_away(tmp_path: Path) -> None:
    table = rows("file,nice", *(f"{name},yes" for name, _ in FOLDERED[:5]))
    assert read(spread(tmp_path / "set", *FOLDERED, ("picks.csv", table)), tmp_path / "scratch") is None


def test_without_a_table_of_names_there_is_none(tmp_path: Path) -> None:
    notes = [(f"pics/img{i:02d}.txt", b"0 0.5 0.5 1 1") for i in range(12)]
    source = spread(
        tmp_path / "set", *PICTURES, *notes, ("other.csv", rows("a,b", "1,2")), ("empty.csv", b"")
    )
    assert read(source, tmp_path / "scratch") is None


def test_a_bomb_among_the_tables_ends_the_import(tmp_path: Path) -> None:
    source = packed(tmp_path / "set.zip", *PICTURES, ("labels.csv", b"a,b\n" * 100_000))
    with pytest.raises(TooMuch, match="unpacks to more"):
        read(source, tmp_path / "scratch", most=10_000)


@pytest.mark.parametrize("held", [1 << 20, 500])
def test_files_are_held_for_when_they_are_named_again(
    tmp_path: Path, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "_HELD_BYTES", held)
    order = [*range(12), *range(12), 11, 11]
    table = rows("file,label", *(f"{PICTURES[i][0]},{i % 2}" for i in order))
    found = read(spread(tmp_path / "set", *PICTURES, ("labels.csv", table)), tmp_path / "scratch")
    assert found is not None
    pictures, entries = found
    assert [entry.picture for entry in entries] == [PICTURES[i][1] for i in order]
    assert [entry.name for entry in entries][-3:] == [f"{PICTURES[11][0]}#{n}" for n in (2, 3, 4)]
    assert [entry.values["label"] for entry in entries] == [i % 2 for i in order]
    # One object is one file; how many of them are held depends on their bytes alone.
    assert entries[-1].picture is entries[-2].picture
    assert (entries[12].picture is entries[0].picture) == (held > 500)
    assert pictures._held_bytes == sum(map(len, pictures._held.values())) <= held
