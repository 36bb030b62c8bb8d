"""The kinds of data, and which of them a source is: the catalogue."""

from __future__ import annotations

from pathlib import Path

from engine.modalities.base import Modality
from engine.modalities.image.importing import import_images
from engine.modalities.image.opening import reads as reads_pictures
from engine.modalities.table.importing import import_table
from engine.providers.local_file import check_file
from engine.words import words

__all__ = ["MODALITIES", "Modality", "check_source", "modality_of"]

#: The first that reads a source has it. A table is whatever is nothing else: its import says what it could not read.
MODALITIES = (
    Modality(
        name="image",
        title=words("Pictures"),
        reads=reads_pictures,
        import_data=import_images,
        opens_archives=True,
    ),
    Modality(name="table", title=words("Table"), reads=lambda source: True, import_data=import_table),
)


def modality_of(source: Path) -> Modality:
    """Return the kind of data that a file or folder holds; it need not exist."""
    return next(modality for modality in MODALITIES if modality.reads(source))


def check_source(source: Path) -> Path:
    """Return `source` when it is a plain, readable file, or a folder that a modality takes.

    Raises: BadCommand, BadData, as `check_file` does.
    """
    if source.is_dir() and any(modality.reads(source) for modality in MODALITIES[:-1]):
        return source
    return check_file(source)
