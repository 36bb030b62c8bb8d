"""Ask a published model about every picture of a set, to suggest labels to people."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.errors import BadModel
from engine.modalities.image.suggestions import KEPT, NO_CLASS, Suggestions
from engine.modalities.table import ImportLimits
from engine.serving.ahead import compute_in_order, read_ahead
from engine.serving.model import Prediction, ServedModel
from engine.serving.picture_answers import Readable, answer_readable
from engine.serving.picture_source import open_source
from engine.serving.pictures import picture_input
from engine.words import words

#: Batches of pictures read ahead of the computation.
_AHEAD = 4


def suggest(
    model: Path, data: Path, *, limits: ImportLimits, progress: Callable[[float], None]
) -> Suggestions:
    """Return what a published model takes the pictures of a set for; only the likeliest classes are kept of each.

    Args:    data: data.parquet of the set.   progress: called with the share done, 0 to 1.
    Raises:  BadModel when the file is no published model that names the class of a picture; BadData when the set has
             no column of pictures as the model reads them; WorkFailed when onnxruntime fails.
    """
    served = ServedModel.open(model, threads=1)
    image = picture_input(served.inputs)
    if image is None or len(served.inputs) != 1 or not served.classes:
        raise BadModel(
            words("This model does not say the class of a picture from the picture alone."),
            remedy=words("Choose a model that was trained to name the class of pictures."),
        )
    codes: list[npt.NDArray[np.int32]] = []
    scores: list[npt.NDArray[np.float32]] = []
    done = 0
    with open_source(data, image, limits) as source:
        batches = read_ahead(source.batches, _AHEAD)
        answers = compute_in_order(partial(answer_readable, served), batches, max(1, limits.threads))
        with closing(batches), closing(answers):
            for answered in answers:
                of_batch = _likeliest(answered, served.classes)
                codes.append(of_batch[0])
                scores.append(of_batch[1])
                done += len(of_batch[0])
                progress(min(1.0, done / max(1, source.total)))
    width = min(KEPT, len(served.classes))
    return Suggestions(
        classes=served.classes,
        codes=np.concatenate([np.empty((0, width), np.int32), *codes]),
        scores=np.concatenate([np.empty((0, width), np.float32), *scores]),
    )


def _likeliest(
    answered: Readable, classes: tuple[str, ...]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Return the codes and probabilities (rows, kept) of a batch's likeliest classes; NO_CLASS where it has no answer.

    What the model itself says stands first: where errors cost differently it is not always the likeliest class.
    """
    width, rows = min(KEPT, len(classes)), len(answered.problems)
    codes, scores = np.full((rows, width), NO_CLASS, np.int32), np.zeros((rows, width), np.float32)
    if len(answered.rows):
        found = _ranked(answered.prediction, classes)[:, :width]
        codes[answered.rows] = found
        scores[answered.rows] = np.take_along_axis(answered.prediction.scores, found, axis=1)
    return codes, scores


def _ranked(prediction: Prediction, classes: tuple[str, ...]) -> npt.NDArray[np.intp]:
    ranks = prediction.scores.astype(np.float64)
    if prediction.labels is not None:
        at = {name: code for code, name in enumerate(classes)}
        said = np.array([at[str(label)] for label in prediction.labels])
        ranks[np.arange(len(said)), said] = np.inf
    return np.argsort(-ranks, axis=1, kind="stable")
