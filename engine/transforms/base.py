"""What every transform promises: one fit, and two compilers (SQL, ONNX) that give the same numbers.

Value domains between the steps of a chain, the same on both sides:

==========  =======================================  ==================================================
domain      SQL                                      ONNX
==========  =======================================  ==================================================
"number"    DOUBLE; missing is NULL, never NaN/±Inf  double tensor [N, 1] (or [N, width]); missing is NaN
"text"      VARCHAR; missing is NULL, never ''       string tensor [N, 1]; missing is ''
"block"     several DOUBLE within float32's range    double tensor [N, width]; nothing may follow it
"picture"   none                                     uint8 tensor [N, height, width, 3], as a caller sends it
"pixels"    none                                     float tensor [N, side, side, 3]; nothing may follow it
==========  =======================================  ==================================================

Arithmetic is done in double on both sides, so results agree to the last bit; last comes a cast to float32.
A number column starts as float32 (the model's input type), so SQL rounds it to float32 first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

import duckdb

from engine.specs.params import Param
from engine.transforms.graph import Graph

Domain = Literal["number", "text", "block", "picture", "pixels"]
State = Mapping[str, Any]


class TrainingRows:
    """The training rows as a DuckDB relation called `train`; the only rows a transform may be fitted on.

    Beside the raw columns it has `_row` BIGINT, `_fold` TINYINT (0 … folds-1) and the target `_y`
    (DOUBLE value for regression, INTEGER class index for classification).
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, folds: int, classes: int, seed: int) -> None:
        """classes: number of target classes, 0 for regression."""
        self.connection = connection
        self.folds = folds
        self.classes = classes
        self.seed = seed

    def select(self, query: str) -> list[tuple[Any, ...]]:
        """Run a SELECT that reads `train` and return its rows."""
        return self.connection.execute(query).fetchall()


class Transform(Protocol):
    """One column operation. Fitted state is JSON; SQL and ONNX read nothing else."""

    name: str
    title: str
    takes: Domain
    gives: Domain
    params: tuple[Param, ...]

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn from training rows; `value` is the SQL expression of the step's input over `train`."""

    def labels(self, params: Mapping[str, Any], state: State) -> tuple[str, ...]:
        """Suffixes of the output columns, e.g. ("",) or ("=red", "=blue"); their number is the width."""

    def width(self, params: Mapping[str, Any], *, distinct: int, classes: int) -> int:
        """Return how many columns it gives at most, told before it is fitted.

        distinct: present values of its column.  classes: of the target, 0 for regression.
        """
        return 1

    def sql(
        self, value: str, params: Mapping[str, Any], state: State, *, fold: str | None
    ) -> tuple[str, ...]:
        """Return one SQL expression per output column.

        fold: SQL expression of the row's fold when the rows are the training rows (out-of-fold values are
        given then), None for any other rows.
        """

    def onnx(self, graph: Graph, value: str, params: Mapping[str, Any], state: State) -> str:
        """Add nodes to `graph` and return the tensor [N, width]; `value` is the input tensor [N, 1]."""

    def cardinality(self, params: Mapping[str, Any], state: State) -> int | None:
        """Return how many index values (0 … n-1) the one output column holds; None for a quantity."""
        return None
