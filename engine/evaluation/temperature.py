"""How far probabilities are pulled apart or together so that they can be taken at their word: one number per model.

Boosted trees and networks say 0.98 where 0.93 comes true; means of several say too little. One temperature, by which
the logarithms of all probabilities are divided, mends both and leaves their order in a row as it was. It is chosen on
the rows that judge models, never on test rows, and only where rows it was not fitted on approve.
Source: Guo et al., On Calibration of Modern Neural Networks, ICML 2017, section 4.2.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.evaluation import formulas
from engine.evaluation.metrics import Floats
from engine.specs.evaluation import Evaluation
from engine.specs.training import TaskSpec

#: Probabilities below are taken for this one: nothing that float32 adds up to is surer, and logarithms stay small.
LEAST_PROBABILITY = 1e-6
#: Beyond, the model is at fault and no temperature mends it.
_LOWEST, _HIGHEST = 0.25, 4.0
_HALVINGS = 20
#: Rows below which one number cannot be told from chance.
_LEAST_ROWS = 100
#: Standard errors by which the loss on the half that did not choose must fall.
_CERTAINTY = 1.0


def tempered(scores: Floats, temperature: float | None) -> Floats:
    """Return probabilities at `temperature`: above 1 tamer, below 1 bolder; None as they are.

    Shapes: scores (rows, classes) → (rows, classes), each row's sum 1.
    """
    if temperature is None:
        return scores
    logs = np.log(np.maximum(scores, LEAST_PROBABILITY)) / temperature
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    bent: Floats = powers / powers.sum(axis=1, keepdims=True)
    return bent


def choose_temperature(task: TaskSpec, y: Floats, scores: Floats) -> float | None:
    """Return the temperature with the least log loss; None for regression, and where chance explains the gain.

    The value is a float32, as the model file holds it.
    Shapes: y (rows,) class numbers, scores (rows, classes).
    """
    if not task.classes or len(y) < _LEAST_ROWS:
        return None
    order = np.random.default_rng(0).permutation(len(y))
    halves = order[: len(y) // 2], order[len(y) // 2 :]
    gains = np.concatenate(
        [
            _gains(y[judges], scores[judges], _best(y[chooses], scores[chooses]))
            for chooses, judges in (halves, halves[::-1])
        ]
    )
    if not gains.mean() > _CERTAINTY * gains.std() / np.sqrt(len(gains)):
        return None
    return float(np.float32(_best(y, scores)))


def note_temperature(found: Evaluation, temperature: float | None) -> Evaluation:
    """Return `found` with the temperature of the probabilities beside their calibration."""
    if found.calibration is None:
        return found
    return replace(found, calibration=replace(found.calibration, temperature=temperature))


def _best(y: Floats, scores: Floats) -> float:
    """Return the temperature with the least log loss: a convex function of its inverse, so its slope is halved to 0."""
    logs = np.log(np.maximum(scores, LEAST_PROBABILITY))
    given = float(logs[np.arange(len(y)), y.astype(np.int64)].mean())
    low, high = _LOWEST, _HIGHEST
    for _ in range(_HALVINGS):
        middle = float(np.sqrt(low * high))
        expected = float((tempered(scores, middle) * logs).sum(axis=1).mean())
        low, high = (low, middle) if given > expected else (middle, high)
    return float(np.sqrt(low * high))


def _gains(y: Floats, scores: Floats, temperature: float) -> Floats:
    """Return by how much each row's log loss falls at `temperature`."""
    places = np.arange(len(y)), y.astype(np.int64)
    before = np.maximum(scores[places], formulas.SMALLEST_PROBABILITY)
    gained: Floats = np.log(tempered(scores, temperature)[places] / before)
    return gained
