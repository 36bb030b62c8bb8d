"""The folder of a dataset of pictures, as the portal sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.usecases.run_files import RunFiles
from engine.modalities.image.describe import FACTS
from engine.modalities.image.thumbnails import THUMBNAILS
from engine.specs.pictures import PictureFacts

#: The log of what people changed about the labels.
EDITS = "labels.jsonl"
#: What a model takes the pictures for.
SUGGESTIONS = "suggestions.parquet"
#: What the folder of a new version has until its job has made it: the set it comes from, as it was.
BASE = "base"


ORIGIN = "origin.json"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a version of a set of pictures comes from.   changes: that people had made to the labels by then."""

    dataset_id: str
    dataset_name: str
    changes: int


class PictureFiles:
    """The places in the folder of a set of pictures, and its facts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "dataset" / "data.parquet"
        self.rejects = folder / "dataset" / "rejects.csv"
        self.thumbnails = folder / THUMBNAILS
        self.edits = folder / EDITS
        self.suggestions = folder / SUGGESTIONS

    @property
    def facts(self) -> PictureFacts | None:
        """The set in a few numbers; None for a table."""
        return RunFiles(self.folder).read(PictureFacts, self.folder / FACTS)

    @property
    def origin(self) -> Origin | None:
        """The set that this one was made from; None for one that was imported."""
        return RunFiles(self.folder).read(Origin, self.folder / ORIGIN)
