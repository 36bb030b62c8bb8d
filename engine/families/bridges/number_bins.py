"""Numbers cut into bins by the quantiles of training rows, for piecewise-linear embeddings.

Source: Gorishniy, Rubachev & Babenko, On Embeddings for Numerical Features in Tabular Deep Learning, NeurIPS 2022.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.families.base import Floats


@dataclass(frozen=True, kw_only=True)
class NumberBins:
    """The bins of some columns.   columns: positions of those that have any.

    low, factor: (columns, bins) float32: lower edge of each bin and 1 / its width; factor 0 pads a short row.
    """

    columns: tuple[int, ...]
    low: Floats
    factor: Floats

    @property
    def bins(self) -> int:
        """Bins of the column that has most."""
        return self.low.shape[1]


def fit_bins(x: Floats, columns: list[int], bins: int) -> NumberBins:
    """Return at most `bins` bins for each of `columns` of x (rows, F); columns of two values or fewer get none.

    Equal quantiles are one edge, so a column of few values has a bin between each two of them.
    """
    found: dict[int, npt.NDArray[np.float64]] = {}
    shares = np.linspace(0.0, 1.0, bins + 1)
    for column in columns:
        values = np.unique(x[:, column].astype(np.float64))
        if len(values) > 2:
            edges = values if len(values) <= bins else np.quantile(x[:, column], shares)
            # Edges that lie closer than float32 tells apart would make a factor without bound.
            edges = np.unique(edges.astype(np.float32)).astype(np.float64)
            span = edges[-1] - edges[0]
            kept = [edges[0]]
            kept += [edge for edge in edges[1:] if edge - kept[-1] > 1e-4 * span]
            if len(kept) > 2:
                found[column] = np.array(kept)
    most = max((len(edges) - 1 for edges in found.values()), default=0)
    low = np.zeros((len(found), most), np.float32)
    factor = np.zeros((len(found), most), np.float32)
    for row, edges in enumerate(found.values()):
        low[row, : len(edges) - 1] = edges[:-1]
        factor[row, : len(edges) - 1] = 1.0 / np.diff(edges)
    return NumberBins(columns=tuple(found), low=low, factor=factor)
