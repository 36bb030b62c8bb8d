"""Batches come in order, however many threads, and measure what each picture would alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.modalities.image.decoding import decode
from engine.modalities.image.measures import NAMES, measure
from engine.modalities.image.reading import as_columns, read_rows
from engine.modalities.image.source import Found
from tests.engine.modalities.image.samples import encoded, in_mode, noise

KINDS = (
    lambda i: encoded(noise(8 + i % 3, 12, i)),
    lambda i: encoded(noise(20, 12, i), "JPEG"),
    lambda i: encoded(in_mode(noise(9, 9, i), "RGBA"), "WEBP"),
    lambda i: noise(6, 7, i),
    lambda i: np.ascontiguousarray(noise(6, 7, i)[..., 0]),
    lambda i: b"no picture",
    lambda i: None,
)


def entries(kinds: list[int]) -> list[Found]:
    return [
        Found(number=i, name=f"n{i}", picture=KINDS[kind](i), problem="gone") for i, kind in enumerate(kinds)
    ]


@given(kinds=st.lists(st.integers(0, len(KINDS) - 1), max_size=80), threads=st.integers(1, 3))
def test_every_entry_comes_out_once_and_in_order(kinds: list[int], threads: int) -> None:
    found = entries(kinds)
    good, broken = [], []
    for rows in read_rows(iter(found), threads):
        good += [entry.number for entry in rows.entries]
        broken += [entry.number for entry, _ in rows.broken]
        assert len(rows.contents) == len(rows.digests) == len(rows.hashes) == len(rows.thumbs)
        for place, entry in zip(rows.pictures.tolist(), rows.entries, strict=True):
            pixels = decode(rows.contents[place])
            alone = measure(pixels[None])
            assert {n: rows.measures[n][place] for n in NAMES} == pytest.approx(
                {n: alone[n][0] for n in NAMES}
            )
            assert tuple(rows.sizes[place]) == pixels.shape[1::-1]
            if isinstance(entry.picture, np.ndarray):
                assert (pixels == np.atleast_3d(entry.picture)).all()
    assert good == [i for i, kind in enumerate(kinds) if kind < 5]
    assert broken == [i for i, kind in enumerate(kinds) if kind >= 5]


def test_what_is_named_again_and_again_is_read_once() -> None:
    whole, broken = encoded(noise(8, 12)), b"no picture"
    found = [
        Found(number=i, name=f"n{i}", picture=(whole, broken, None)[i % 3], problem="gone")
        for i in range(150)
    ]
    read = list(read_rows(found, 2))
    assert [entry.number for rows in read for entry in rows.entries] == list(range(0, 150, 3))
    # A batch ends at 64 different entries, and nothing is known of those that could not be read at all.
    assert [len(rows.contents) for rows in read] == [1] and not read[0].pictures.any()
    assert as_columns(read[0])["width"].tolist() == [12] * 50
    assert [entry.number for entry, _ in read[0].broken] == [i for i in range(150) if i % 3]
    assert {reason for entry, reason in read[0].broken if entry.picture is None} == {"gone"}
    assert all("not a picture" in reason for entry, reason in read[0].broken if entry.picture)


def test_rows_of_one_file_do_not_make_a_batch_endless() -> None:
    whole = encoded(noise(8, 12))
    taken = []

    def endless() -> object:
        for i in range(100_000):
            taken.append(i)
            yield Found(number=i, name=f"n{i}", picture=whole)

    reading = read_rows(endless(), 1)  # type: ignore[arg-type]
    next(reading)
    assert len(taken) <= 3 * 2048
    reading.close()  # type: ignore[attr-defined]


def test_the_reason_of_a_broken_one_is_told() -> None:
    rows = next(read_rows(entries([5, 6]), 1))
    assert ["not a picture" in rows.broken[0][1], rows.broken[1][1]] == [True, "gone"]
    assert {name: len(values) for name, values in as_columns(rows).items()} == dict.fromkeys(
        as_columns(rows), 0
    )


def test_few_entries_are_held_at_a_time() -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        for i in range(10_000):
            taken += 1
            yield Found(number=i, name="a", picture=None, problem="gone")

    reading = read_rows(endless(), 2)  # type: ignore[arg-type]
    next(reading)
    assert taken <= 5 * 64
    reading.close()  # type: ignore[attr-defined]


def test_a_failing_source_ends_the_reading() -> None:
    def failing() -> object:
        yield from entries([0, 1, 2])
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        list(read_rows(failing(), 2))  # type: ignore[arg-type]
