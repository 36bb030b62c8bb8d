"""Vary some of a run's pictures as training varies them, for people to look at."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet
from PIL import Image

from app.jobs.context import Job
from app.jobs.workplace import JobFiles
from app.usecases.picture_plan import PREVIEW
from app.usecases.run_files import RunFiles
from engine.families.mirror import may_mirror
from engine.families.picture_params import AUGMENTATION
from engine.families.picture_training import preview
from engine.modalities.image import decode, encode_png, thumbnail
from engine.modalities.image.labelling import read_labels
from engine.modalities.image.sheet import cells
from engine.modalities.image.thumbnails import SIDE, pack
from engine.words import words
from store.folder import PRIVATE_FOLDER

#: Pictures that are shown, and how often each is varied.
PICTURES, TIMES = 8, 4
#: Pictures from which it is read whether mirrored ones still look like their class.
_SAMPLE = 300
Pixels = npt.NDArray[np.uint8]


def preview_pictures(job: Job) -> dict[str, Any]:
    """Write a file of small pictures into the job's results: each as it is, then varied `TIMES` times.

    Arguments: run_id; side: pixels.   Returns: {"pictures": how many are in the file, "times"}.   Raises: AimassError.
    """
    files, side = RunFiles(job.data.run(str(job.arguments["run_id"]))), int(job.arguments["side"])
    results = JobFiles(job.folder).results
    results.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    job.progress(0.1, words("Varying pictures"))
    params = {param.name: param.default for param in AUGMENTATION} | {"flip": _flip(files, side)}
    pictures = _pictures(files, side, PICTURES)
    rounds = [pictures, *(preview(pictures, params, seed) for seed in range(TIMES))]
    shown = [one[place] for place in range(len(pictures)) for one in rounds]
    pack(results / PREVIEW, (thumbnail(encode_png(one), SIDE) for one in shown))
    return {"pictures": len(shown), "times": TIMES}


def _flip(files: RunFiles, side: int) -> str:
    """Say whether training will mirror these pictures, as the families themselves decide."""
    task = files.task
    if task is None or not task.classes:
        return "horizontal"
    labels = read_labels(files.paths.data, task.target)
    rows = _spread(len(labels.codes), _SAMPLE)
    pictures = _pictures(files, min(side, 32), _SAMPLE)
    return "horizontal" if may_mirror(pictures, labels.codes[rows].astype(np.float64)) else "none"


def _pictures(files: RunFiles, side: int, count: int) -> Pixels:
    """Return pictures spread over the set, (count, side, side, 3)."""
    schema = files.schema
    image = schema.image if schema is not None else None
    assert image is not None, "only a run on pictures has a preview"
    with pyarrow.parquet.ParquetFile(files.paths.data) as file:
        rows = _spread(file.metadata.num_rows, count)
    # A few at a time: their row groups hold many more pictures than are wanted.
    held = (one[image.name] for row in rows for one in cells(files.paths.data, [row], [image.name]))
    return np.stack([_resized(decode(content), side) for content in held])


def _resized(pixels: Pixels, side: int) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR))


def _spread(rows: int, count: int) -> list[int]:
    return sorted({round(place) for place in np.linspace(0, rows - 1, min(rows, count))})
