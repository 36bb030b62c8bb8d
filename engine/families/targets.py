"""The target as a library wants it, and the library's answer as the run wants it, natively and in ONNX."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.families.fitted import Doubles
from engine.specs.schema import Task
from engine.transforms.graph import Graph


@dataclass(frozen=True, kw_only=True)
class Target:
    """What training rows say of the target.

    present: class indices that training rows hold, ascending; a library sees them as 0 … len-1, and a class
        absent from training rows still gets its column, with probability 0. Empty for regression.
    mean, scale: of the value, so that a library trains on a standardised one; 0 and 1 leave it as it is.
    """

    task: Task
    outputs: int
    present: npt.NDArray[np.int64]
    mean: float = 0.0
    scale: float = 1.0

    @property
    def classes(self) -> int:
        """Classes among training rows; 0 for regression."""
        return len(self.present)

    @property
    def width(self) -> int:
        """Columns a library answers: one per class among training rows, or 1."""
        return self.classes or 1

    def encode(self, y: Doubles) -> Doubles:
        """Return class codes 0 … classes-1, or standardised values (rows,).

        A class unknown to training rows (validation rows may hold one) gets its lower neighbour's code.
        """
        if self.task == "regression":
            return (y - self.mean) / self.scale
        codes = np.searchsorted(self.present, y, side="right") - 1
        return np.maximum(codes, 0).astype(np.float64)

    def decode(self, scores: Doubles) -> Doubles:
        """Turn a library's answer (rows, width) into scores (rows, outputs)."""
        if self.task == "regression":
            return scores * self.scale + self.mean
        if self.classes == self.outputs:
            return scores
        spread = np.zeros((len(scores), self.outputs))
        spread[:, self.present] = scores
        return spread

    def decode_nodes(self, graph: Graph, scores: str) -> str:
        """Add the nodes of `decode`; `scores` is float [N, width]."""
        if self.task == "regression":
            if (self.mean, self.scale) == (0.0, 1.0):
                return scores
            scaled = graph.node("Mul", scores, graph.constant(self.scale, np.float32))
            return graph.node("Add", scaled, graph.constant(self.mean, np.float32))
        if self.classes == self.outputs:
            return scores
        chosen = np.zeros((self.classes, self.outputs), np.float32)
        chosen[np.arange(self.classes), self.present] = 1.0
        return graph.node("MatMul", scores, graph.constant(chosen))


def read_target(y: Doubles, task: Task, outputs: int, *, standardise: bool = False) -> Target:
    """Return what `y` (rows,), the training rows' target, says.   standardise: of values, not of classes."""
    if task != "regression":
        return Target(task=task, outputs=outputs, present=np.unique(y).astype(np.int64))
    none = np.zeros(0, np.int64)
    if not standardise:
        return Target(task=task, outputs=1, present=none)
    scale = float(np.std(y))
    return Target(
        task=task, outputs=1, present=none, mean=float(np.mean(y)), scale=scale if scale > 0 else 1.0
    )


def class_shares(y: Doubles, outputs: int) -> Doubles:
    """Return the share of each class (outputs,) in `y`."""
    return np.bincount(y.astype(np.int64), minlength=outputs)[:outputs] / max(1, len(y))


def sigmoid(values: Doubles) -> Doubles:
    """Return 1 / (1 + e^-v), without overflow."""
    exponent = np.exp(-np.abs(values))
    return np.where(values >= 0, 1.0, exponent) / (1.0 + exponent)


def softmax(values: Doubles) -> Doubles:
    """Return the softmax over the last axis, without overflow."""
    exponent = np.exp(values - values.max(axis=-1, keepdims=True))
    return exponent / exponent.sum(axis=-1, keepdims=True)


def two_columns(positive: Doubles) -> Doubles:
    """Return (rows, 2): 1 - p and p, from the probability of class 1 (rows,)."""
    return np.column_stack((1.0 - positive, positive))


def two_columns_nodes(graph: Graph, positive: str) -> str:
    """Add the nodes of `two_columns`; `positive` is float [N, 1]."""
    return graph.node(
        "Concat", graph.node("Sub", graph.constant(1.0, np.float32), positive), positive, axis=1
    )
