"""One call of a Keras layer as its nodes are written from it; four-dimensional tensors have their channels first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import InvalidSpec
from engine.transforms.graph import Graph

#: NHWC, as Keras has pictures, to NCHW, as ONNX convolves them, and back.
TO_FIRST, TO_LAST = [0, 3, 1, 2], [0, 2, 3, 1]
Doubles = npt.NDArray[np.float64]


@dataclass(kw_only=True)
class Call:
    """One operation of a model, as it is called there.

    values: what it is called with: names of tensors in the graph, or plain numbers.   shapes: of the tensors among
    them, as Keras has them, without the rows; () for numbers.   shape: of its answer.
    keywords: what it is called with by name.   norm: the batch normalisation behind it, to fold into its weights.
    """

    operation: Any
    values: list[Any]
    shapes: list[tuple[int, ...]]
    shape: tuple[int, ...]
    keywords: Mapping[str, Any] = field(default_factory=dict)
    norm: Any = None


Write = Callable[[Graph, Call], str]


def unknown(operation: Any, what: str) -> InvalidSpec:
    """Return the error for an operation that is known, but not in this form."""
    return InvalidSpec(
        f"This network cannot be written as a model file: {what} of `{operation.name}` "
        f"({type(operation).__name__}) is not known.",
        remedy="Build the network without it.",
    )


def weight(value: Any) -> Doubles:
    """Return a Keras variable or a tensor in double precision, in which normalisations are folded."""
    return np.array(getattr(value, "value", value).numpy(), np.float64)


def place_of(axis: int, rank: int) -> int:
    """Return where Keras' axis lies here, of a tensor that has `rank` axes beside the rows.

    >>> place_of(-1, 3), place_of(1, 3), place_of(-1, 2)
    (1, 2, 2)
    """
    place = axis if axis >= 0 else axis + rank + 1
    return [0, 2, 3, 1][place] if rank == 3 else place
