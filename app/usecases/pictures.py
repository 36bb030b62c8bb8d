"""Sets of pictures as people look at them: their facts, which of them a sheet shows, and each as a small JPEG.

Nothing here opens a picture: they were parsed in the worker that imported them, which left small ones to be read.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from app.usecases.dataset_access import find_dataset
from app.usecases.listing import check_page
from app.usecases.person import Person
from app.usecases.picture_files import PictureFiles
from app.usecases.refusals import NotFound
from app.wiring import Appliance
from engine.modalities.image.labelling import Labels, edits_of, play, read_labels
from engine.modalities.image.sheet import (
    LOOK_ALIKES,
    ORDERS,
    SUGGESTED_ORDERS,
    Only,
    Order,
    cells,
    choose,
    groups_of_twins,
)
from engine.modalities.image.suggestions import Suggestions, order_keys, read_suggestions
from engine.modalities.image.thumbnails import read_thumbnails
from engine.specs.pictures import PictureFacts, SuggestedBy
from engine.words import words
from store import edits

__all__ = [
    "ORDERS",
    "SUGGESTED_ORDERS",
    "LeftOut",
    "Only",
    "Order",
    "Picture",
    "PictureFacts",
    "Pictures",
    "Wanted",
    "facts_of",
    "left_out",
    "look_alikes",
    "pictures",
    "pictures_at",
    "thumbnail",
]

PATH, WIDTH, HEIGHT = "path", "width", "height"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture of a set.   row: where it stands.   name: as the source calls it.   width, height: pixels.

    label: as it is now, "" for none.   was: as it was imported.   excluded: left out of the next version.
    twins: the group of look-alikes it belongs to, "" for none.
    """

    row: int
    name: str
    width: int
    height: int
    label: str = ""
    was: str = ""
    excluded: bool = False
    twins: str = ""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which pictures somebody wants to see.   label: of a class, None for all.   order: by what was measured."""

    label: str | None = None
    only: Only = "all"
    order: Order = "file"


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """Some pictures of a larger choice, and the classes of all: (name, pictures), most first."""

    items: tuple[Picture, ...]
    total: int
    classes: tuple[tuple[str, int], ...]
    unlabelled: int = 0


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A file of the source that is no picture of the set, and why; `reason` is a sentence for a person."""

    name: str
    reason: str


def facts_of(box: Appliance, who: Person, dataset_id: str) -> PictureFacts | None:
    """Return a set of pictures in a few numbers; None for a table, and while it is imported.   Raises: NotFound."""
    return PictureFiles(box.folder.dataset(find_dataset(box, dataset_id).id)).facts


def pictures(
    box: Appliance,
    who: Person,
    dataset_id: str,
    wanted: Wanted | None = None,
    *,
    limit: int = 60,
    offset: int = 0,
) -> Pictures:
    """Return a page of the pictures that are wanted, all when not given, with their labels as they are now.

    Raises: NotFound, Refusal.
    """
    check_page(limit, offset)
    files = files_of(box, dataset_id)
    before, now = labels_of(files)
    asked = wanted or Wanted()
    held = suggestions_in(files) if asked.order in SUGGESTED_ORDERS else None
    order = order_keys(held[1], now, asked.order) if held is not None else asked.order
    page = choose(
        files.data, now, label=asked.label, only=asked.only, order=order, limit=limit, offset=offset
    )
    return Pictures(
        items=_items(files, page.rows, before, now),
        total=page.total,
        classes=now.counts(),
        unlabelled=now.unlabelled,
    )


def pictures_at(box: Appliance, who: Person, dataset_id: str, rows: Sequence[int]) -> tuple[Picture, ...]:
    """Return the pictures at some rows, in that order, with their labels as they are now.   Raises: NotFound."""
    files = files_of(box, dataset_id)
    before, now = labels_of(files)
    return _items(files, [row for row in rows if 0 <= row < len(now.codes)], before, now)


def look_alikes(
    box: Appliance, who: Person, dataset_id: str, *, limit: int = 20, offset: int = 0
) -> tuple[tuple[tuple[Picture, ...], ...], int]:
    """Return a page of the groups of pictures that look alike, the largest first, and how many groups there are.

    Of a very large group the first twelve are returned.   Raises: NotFound, Refusal.
    """
    check_page(limit, offset)
    files = files_of(box, dataset_id)
    before, now = labels_of(files)
    groups, total = groups_of_twins(files.data, limit=limit, offset=offset)
    return tuple(_items(files, rows[:12], before, now) for rows in groups), total


def thumbnail(box: Appliance, who: Person, dataset_id: str, row: int) -> bytes:
    """Return one picture as a small JPEG file.   Raises: NotFound."""
    files = files_of(box, dataset_id)
    facts = files.facts
    try:
        found = read_thumbnails(files.thumbnails, [row]) if facts and 0 <= row < facts.pictures else []
    except FileNotFoundError:
        found = []
    if not found or not found[0]:
        raise NotFound(words("There is no such picture."), remedy=words("Load the page again."))
    return found[0]


def left_out(box: Appliance, who: Person, dataset_id: str, *, limit: int = 200) -> tuple[LeftOut, ...]:
    """Return the first files of the source that are no picture of the set, and why.   Raises: NotFound."""
    path = files_of(box, dataset_id).rejects
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(islice(csv.reader(file), 1, limit + 1))
    except FileNotFoundError:
        return ()
    return tuple(LeftOut(reason=line[1], name=line[2]) for line in lines if len(line) >= 3)


def files_of(box: Appliance, dataset_id: str) -> PictureFiles:
    """Return the files of a set of pictures that is there whole.   Raises: NotFound for any other dataset."""
    record = find_dataset(box, dataset_id)
    files = PictureFiles(box.folder.dataset(record.id))
    if record.state != "ready" or files.facts is None:
        raise NotFound(
            words("This dataset holds no pictures."), remedy=words("Choose one from the list of datasets.")
        )
    return files


def labels_of(files: PictureFiles) -> tuple[Labels, Labels]:
    """Return the labels as they were imported, and as they are now."""
    facts, held = files.facts, files.data.stat()
    before = _imported(files.data, held.st_mtime_ns, held.st_size, facts.label if facts else None)
    return before, play(before, edits_of(edits.read(files.edits)))


def suggestions_in(files: PictureFiles) -> tuple[SuggestedBy, Suggestions] | None:
    """Return what a model suggests for a set, classes by their names of now, and which model; None until one did."""
    try:
        held = files.suggestions.stat()
    except FileNotFoundError:
        return None
    found, facts = _suggested(files.suggestions, held.st_mtime_ns, held.st_ino), files.facts
    if found is None or facts is None or len(found[1].codes) != facts.pictures:
        return None
    by, suggestions = found
    return by, suggestions.renamed(edits_of(edits.read(files.edits)))


@lru_cache(maxsize=4)
def _suggested(path: Path, changed_ns: int, inode: int) -> tuple[SuggestedBy, Suggestions] | None:
    """Read the suggestions once for all the keys that somebody presses."""
    return read_suggestions(path)


@lru_cache(maxsize=4)
def _imported(data: Path, changed_ns: int, size: int, column: str | None) -> Labels:
    """Read the imported labels once for all the keys that somebody presses; nobody writes into them."""
    return read_labels(data, column)


def _items(files: PictureFiles, rows: Sequence[int], before: Labels, now: Labels) -> tuple[Picture, ...]:
    held = cells(files.data, rows, (PATH, WIDTH, HEIGHT, LOOK_ALIKES))
    return tuple(
        Picture(
            row=row,
            name=str(one.get(PATH) or f"{row + 1:,}"),
            width=int(one.get(WIDTH) or 0),
            height=int(one.get(HEIGHT) or 0),
            label=label,
            was=was,
            excluded=bool(now.excluded[row]),
            twins=str(one.get(LOOK_ALIKES) or ""),
        )
        for row, one, label, was in zip(rows, held, now.of(rows), before.of(rows), strict=True)
    )
