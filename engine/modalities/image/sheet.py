"""Which pictures a contact sheet shows: those of a class, those with a twin, the darkest first, and so on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from engine.modalities.image.labelling import Labels

Order = Literal[
    "mixed",
    "file",
    "darkest",
    "brightest",
    "blurriest",
    "sharpest",
    "smallest",
    "largest",
    "palest",
    "most_colourful",
    "uncertain",
    "doubted",
]
#: Those that need a model's suggestions.
SUGGESTED_ORDERS: tuple[Order, ...] = ("uncertain", "doubted")
ORDERS: tuple[Order, ...] = tuple(order for order in get_args(Order) if order not in SUGGESTED_ORDERS)
#: Order → the measured column that decides, and whether its highest values come first.
_BY: dict[str, tuple[str, bool]] = {
    "darkest": ("brightness", False), "brightest": ("brightness", True), "blurriest": ("sharpness", False),
    "sharpest": ("sharpness", True), "smallest": ("width", False), "largest": ("width", True),
    "palest": ("colourfulness", False), "most_colourful": ("colourfulness", True),
}  # fmt: skip
Only = Literal["all", "look_alikes", "changed", "excluded", "unlabelled"]
LOOK_ALIKES = "look_alikes"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Some pictures of a larger choice.   rows: of this page.   total: of the whole choice."""

    rows: tuple[int, ...]
    total: int


def choose(
    data: Path,
    labels: Labels,
    *,
    label: str | None = None,
    only: Only = "all",
    order: Order | npt.NDArray[np.float64] = "file",
    limit: int,
    offset: int = 0,
) -> Sheet:
    """Return a page of the pictures that fit.

    Args: data: data.parquet of an import.   labels: of all its rows.   label: a class, None for all of them.
          order: by a measured column; where the set has none of that name, as the file has them. For orders by a
              model's suggestions, what all rows are sorted by, lowest first.
    """
    fits = np.ones(len(labels.codes), bool)
    if label is not None:
        code = labels.classes.index(label) if label in labels.classes else len(labels.classes)
        fits &= labels.codes == code
    if only == "look_alikes":
        fits &= twins(data) != ""
    elif only == "unlabelled":
        fits &= labels.codes == -1
    elif only != "all":
        fits &= labels.excluded if only == "excluded" else labels.changed
    rows = np.flatnonzero(fits)
    rows = (
        _sorted(data, rows, order) if isinstance(order, str) else rows[np.argsort(order[rows], kind="stable")]
    )
    return Sheet(rows=tuple(int(row) for row in rows[offset : offset + limit]), total=len(rows))


def groups_of_twins(data: Path, *, limit: int, offset: int = 0) -> tuple[tuple[tuple[int, ...], ...], int]:
    """Return a page of the groups of look-alikes, the largest first, as rows; and how many groups there are."""
    names = twins(data)
    rows = np.flatnonzero(names != "")
    found, first, counts = np.unique(names[rows], return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    page = [found[at] for at in order[offset : offset + limit]]
    return tuple(tuple(int(row) for row in rows[names[rows] == name]) for name in page), len(found)


def twins(data: Path) -> npt.NDArray[np.object_]:
    """Return the group of look-alikes of each picture (rows,), "" for none."""
    with pyarrow.parquet.ParquetFile(data) as file:
        if LOOK_ALIKES not in file.schema_arrow.names:
            return np.full(file.metadata.num_rows, "", object)
        values = file.read(columns=[LOOK_ALIKES]).column(0)
    found: npt.NDArray[np.object_] = np.array(pc.fill_null(values.cast(pa.string()), "").to_pylist(), object)
    return found


def cells(data: Path, rows: Sequence[int], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Return the values of some columns at some rows, in their order; only the row groups they lie in are read."""
    with pyarrow.parquet.ParquetFile(data) as file:
        names = [name for name in columns if name in file.schema_arrow.names]
        ends = np.cumsum([file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)])
        wanted: dict[int, dict[str, Any]] = {}
        where = np.searchsorted(ends, np.asarray(rows, np.int64), side="right")
        for group in sorted(set(where.tolist())):
            start = int(ends[group - 1]) if group else 0
            inside = sorted({row for row, at in zip(rows, where, strict=True) if at == group})
            table = file.read_row_group(group, columns=names).take([row - start for row in inside])
            wanted |= dict(zip(inside, table.to_pylist(), strict=True))
    return [wanted[row] for row in rows]


def _sorted(data: Path, rows: npt.NDArray[np.int64], order: Order) -> npt.NDArray[np.int64]:
    if order == "mixed":
        # Folders come one after another: by lot, every class is on the first page. The same lot each time.
        return rows[np.argsort(np.random.default_rng(0).random(len(rows)))]
    if order not in _BY:
        return rows
    column, is_falling = _BY[order]
    with pyarrow.parquet.ParquetFile(data) as file:
        if column not in file.schema_arrow.names:
            return rows
        values = file.read(columns=[column]).column(0).cast(pa.float64()).to_numpy()[rows]
    # Missing values last either way; equal ones stay in file order.
    keys = np.where(np.isnan(values), np.inf, -values if is_falling else values)
    return rows[np.argsort(keys, kind="stable")]
