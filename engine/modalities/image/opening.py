"""Understand a source of pictures, whatever its form."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path, PurePosixPath

from engine.errors import BadData
from engine.modalities.image.folders import PictureFolders
from engine.modalities.image.idx import IdxPictures, has_idx, is_idx_name
from engine.modalities.image.labels import LabelledPictures, find_label_table, picture_index
from engine.modalities.image.layout import is_picture_name
from engine.modalities.image.pixel_table import PixelTable, is_pixel_table
from engine.modalities.image.source import Pictures
from engine.modalities.table.limits import ImportLimits
from engine.providers.archive import BROKEN, TABLE_SUFFIXES, is_archive
from engine.providers.files import open_files
from engine.providers.folder import walk_folder
from engine.words import words

#: So many files of a folder are looked at to see whether it is about pictures.
_LOOKED_AT = 20_000


def reads(source: Path) -> bool:
    """Tell at a glance whether `source` holds pictures for the import: a folder, a ZIP archive, a table of pixels.

    An archive with one table and no more than one picture is that table (with a logo); so is every other file.
    """
    try:
        if source.is_dir():
            return any(_is_named_so(file.name) for file in islice(walk_folder(source), _LOOKED_AT))
        if not source.is_file():
            return False
        if not is_archive(source):
            return is_pixel_table(source)
        with zipfile.ZipFile(source) as archive:
            names = [name for name in archive.namelist() if "__MACOSX/" not in name]
    except (OSError, *BROKEN):
        return False
    if has_idx(names):
        return True
    pictures = sum(1 for name in names if is_picture_name(name))
    tables = sum(1 for name in names if PurePosixPath(name).suffix.lower() in TABLE_SUFFIXES)
    return pictures > min(1, tables)


@contextmanager
def open_pictures(source: Path, limits: ImportLimits) -> Iterator[Pictures]:
    """Open a source that `reads` accepts.   Raises: BadData."""
    with ExitStack() as opened:
        folder = limits.temporary_folder
        scratch = Path(
            opened.enter_context(tempfile.TemporaryDirectory(prefix="aimass-pictures-", dir=folder))
        )
        if source.is_file() and not is_archive(source):
            yield PixelTable(source, scratch, limits)
            return
        files = opened.enter_context(
            open_files(source, max_bytes=limits.max_unpacked_bytes, packed=is_idx_name)
        )
        if not files.entries:
            raise no_pictures(source.name, words("no file at all"))
        if has_idx([entry.name for entry in files.entries]):
            yield IdxPictures(files)
            return
        index = picture_index(files)
        table = find_label_table(files, index, scratch, limits)
        yield LabelledPictures(files, table, index) if table else PictureFolders(files)


def no_pictures(name: str, found: str) -> BadData:
    """Return the refusal of a source without a single picture."""
    return BadData(
        words(
            "{name!r} holds no pictures that can be read. Expected PNG, JPEG, WebP, BMP or TIFF files. "
            "Received {found}.",
            name=name,
            found=found,
        ),
        remedy=words("Put pictures into a folder per class, or beside a table of their labels."),
    )


def _is_named_so(name: str) -> bool:
    return is_picture_name(name) or is_idx_name(name)
