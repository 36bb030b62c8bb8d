"""What people look at of an imported set of pictures: its thumbnails, and its facts in a few numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.files import write_json
from engine.modalities.image.labelling import label_column, read_labels
from engine.modalities.image.sheet import twins
from engine.modalities.image.thumbnails import THUMBNAILS, Progress, write_thumbnails
from engine.specs.codec import to_json
from engine.specs.pictures import PictureFacts
from engine.specs.schema import Schema

FACTS = "pictures.json"
#: A column of more different values names pictures and does not sort them.
MOST_CLASSES = 1000


def describe_pictures(
    data: Path, schema: Schema, folder: Path, *, progress: Progress | None = None
) -> PictureFacts | None:
    """Write `THUMBNAILS` and `FACTS` into `folder`, and return the facts; for a plain table, write nothing: None.

    data: data.parquet of an import.   Thumbnails that are there are kept.   Raises: BadData, OSError.
    """
    image, label = schema.image, label_column(schema)
    if image is None:
        return None
    if not (folder / THUMBNAILS).exists():
        write_thumbnails(data, folder / THUMBNAILS, column=image.name, progress=progress)
    labels = read_labels(data, label.name if label else None)
    if len(labels.classes) > MOST_CLASSES:
        label, labels = None, read_labels(data, None)
    facts = PictureFacts(
        image=image.name,
        label=label.name if label else None,
        pictures=len(labels.codes),
        classes=labels.counts(),
        unlabelled=labels.unlabelled,
        look_alikes=int(np.count_nonzero(twins(data) != "")),
    )
    write_json(folder / FACTS, to_json(facts))
    return facts
