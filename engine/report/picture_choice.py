"""Choose the few pictures that tell most: the worst answered, examples of mix-ups, and some that are recognised.

Shapes everywhere: y (rows,) class index or value; scores (rows, outputs). Places are positions in these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.evaluation.confused import Mixup, mixups
from engine.evaluation.label_errors import Suspect, label_suspects
from engine.evaluation.metrics import confusion_counts
from engine.report.picture_rows import Doubles

MOST_PAIRS = 6
PICTURES_PER_PAIR = 4
#: Classes whose gaze is shown, and pictures of each; of numbers, so many times as many pictures.
GAZE_CLASSES, GAZE_PICTURES, GAZE_NUMBERS = 10, 3, 4
#: Stands for the class where the answer is a number.
NUMBER = ""


def worst_answers(y: Doubles, scores: Doubles) -> list[int]:
    """Return the places of wrong answers, the surest first; of numbers all places, the farthest off first."""
    if scores.shape[1] == 1:
        off = np.argsort(-np.abs(scores[:, 0] - y), kind="stable")
        return [int(place) for place in off]
    answered = scores.argmax(axis=1)
    wrong = np.flatnonzero(answered != y)
    surest = wrong[np.argsort(-scores[wrong, answered[wrong]], kind="stable")]
    return [int(place) for place in surest]


def mixed_up(y: Doubles, scores: Doubles, worst: Sequence[int]) -> list[tuple[Mixup, list[int]]]:
    """Return the classes that are mixed up most, each with the places of its surest examples.

    worst: as `worst_answers` gives them.
    """
    if scores.shape[1] == 1:
        return []
    answered = scores.argmax(axis=1)
    found = []
    for mixup in mixups(confusion_counts(y, scores), MOST_PAIRS):
        places = [place for place in worst if (y[place], answered[place]) == (mixup.actual, mixup.answered)]
        found.append((mixup, places[:PICTURES_PER_PAIR]))
    return found


def recognised(
    y: Doubles, scores: Doubles, classes: Sequence[str], worst: Sequence[int]
) -> dict[str, list[int]]:
    """Return class → places of some pictures surely and rightly answered, for the most frequent classes.

    Of numbers: `NUMBER` → the places answered best.
    """
    if not classes:
        return {NUMBER: list(reversed(worst))[: GAZE_PICTURES * GAZE_NUMBERS]}
    right = scores.argmax(axis=1) == y
    counts = np.bincount(y.astype(np.int64), minlength=len(classes))
    found = {}
    for k in sorted(np.argsort(-counts, kind="stable")[:GAZE_CLASSES].tolist()):
        places = np.flatnonzero(right & (y == k))
        surest = places[np.argsort(-scores[places, k], kind="stable")]
        found[classes[k]] = [int(place) for place in surest[:GAZE_PICTURES]]
    return found


def in_turn(by_class: Mapping[str, Sequence[int]]) -> list[int]:
    """Return one picture of each class, then the next of each: when time runs out, no class is left without.

    >>> in_turn({"a": [1, 2], "b": [3]})
    [1, 3, 2]
    """
    most = max((len(places) for places in by_class.values()), default=0)
    return [places[i] for i in range(most) for places in by_class.values() if i < len(places)]


def doubted_labels(y: Doubles, scores: Doubles) -> tuple[Suspect, ...]:
    """Return the labels in doubt, the most doubtful first; none where the answer is a number."""
    return label_suspects(y, scores) if scores.shape[1] > 1 and len(y) else ()
