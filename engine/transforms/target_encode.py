"""A category as the mean of the target where it stands; out of fold on the training rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.specs.params import Param
from engine.transforms import sql
from engine.transforms.base import Domain, State, TrainingRows, Transform
from engine.transforms.formula import FLOAT_MAX
from engine.transforms.graph import Graph
from engine.transforms.vocabulary import MAX_KEYS_PARAM, add_rows

Doubles = npt.NDArray[np.float64]


class TargetEncode(Transform):
    """One column for a number or two classes; with more classes one for each of the most frequent.

    A training row gets the mean over the other folds, so its own target never reaches its features; any other
    row gets the mean over all training rows. Means are drawn to the overall mean by `smoothing` rows.

    State: {"keys": ["…"], "classes": [class, …], "counts": [key][fold], "sums": [key][class][fold],
    "fold_counts": [fold], "fold_sums": [class][fold]}; the key '' is the missing value.
    Source: Micci-Barreca, A Preprocessing Scheme for High-Cardinality Categorical Attributes, SIGKDD 2001.
    """

    name = "target_encode"
    title = "Mean of the target per category"
    takes: Domain = "text"
    gives: Domain = "block"
    params = (
        MAX_KEYS_PARAM,
        Param(
            name="smoothing",
            kind="float",
            default=10.0,
            low=0.0,
            high=1e6,
            unit="rows",
            help="Weight of the overall mean; larger trusts rare categories less.",
        ),
        Param(
            name="max_classes",
            kind="int",
            default=10,
            low=1,
            high=100,
            unit="classes",
            help="Most classes with a column of their own, the most frequent first.",
        ),
        Param(
            name="standardise",
            kind="bool",
            default=False,
            help="Scale each column to mean 0 and deviation 1, for linear and deep models.",
        ),
    )

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Count rows and add targets up per key, fold and class."""
        classes = self._classes(rows, params["max_classes"])
        sums = ", ".join(
            f"CAST(count(*) FILTER (WHERE y = {c}) AS DOUBLE)" if rows.classes else "fsum(y)" for c in classes
        )
        source = f"(SELECT coalesce({value}, '') AS k, _fold AS f, _y AS y FROM train)"
        totals = rows.select(f"SELECT f, count(*), {sums} FROM {source} GROUP BY f")
        cells = rows.select(
            f"WITH top AS (SELECT k FROM {source} GROUP BY k"
            f" ORDER BY count(*) DESC, k LIMIT {params['max_keys']})"
            f" SELECT k, f, count(*), {sums} FROM {source} SEMI JOIN top USING (k) GROUP BY k, f"
        )
        keys = sorted({str(cell[0]) for cell in cells})
        at = {key: i for i, key in enumerate(keys)}
        counts = np.zeros((len(keys), rows.folds))
        added = np.zeros((len(keys), len(classes), rows.folds))
        for key, fold, count, *targets in cells:
            counts[at[str(key)], fold] = count
            added[at[str(key)], :, fold] = targets
        fold_counts, fold_sums = np.zeros(rows.folds), np.zeros((len(classes), rows.folds))
        for fold, count, *targets in totals:
            fold_counts[fold] = count
            fold_sums[:, fold] = targets
        return {
            "keys": keys,
            "classes": classes,
            "counts": counts.tolist(),
            "sums": added.tolist(),
            "fold_counts": fold_counts.tolist(),
            "fold_sums": fold_sums.tolist(),
        }

    def labels(self, params: Mapping[str, Any], state: State) -> tuple[str, ...]:
        """Return "" for one column, "_<class index>" for more than two classes."""
        if len(state["classes"]) == 1:
            return ("",)
        return tuple(f"_{c}" for c in state["classes"])

    def width(self, params: Mapping[str, Any], *, distinct: int, classes: int) -> int:
        """Return one column, or one per class where there are more than two."""
        return min(int(params["max_classes"]), classes) if classes > 2 else 1

    def sql(
        self, value: str, params: Mapping[str, Any], state: State, *, fold: str | None
    ) -> tuple[str, ...]:
        """Look the means up, by key and fold for training rows."""
        table = self._means(params, state)
        if fold is None:
            whole = table[..., -1]
            return tuple(
                sql.lookup(value, state["keys"], whole[:-1, c].tolist(), float(whole[-1, c]))
                for c in range(whole.shape[1])
            )
        out_of_fold = table[..., :-1]
        found = []
        for c in range(out_of_fold.shape[1]):
            listed = sql.lookup_list(value, state["keys"], out_of_fold[:-1, c].tolist())
            unseen = sql.numbers(out_of_fold[-1, c].tolist())
            found.append(f"list_extract(coalesce({listed}, {unseen}), {fold} + 1)")
        return tuple(found)

    def onnx(self, graph: Graph, value: str, params: Mapping[str, Any], state: State) -> str:
        """Look the means over all training rows up."""
        return add_rows(graph, value, state["keys"], self._means(params, state)[..., -1].tolist())

    def _classes(self, rows: TrainingRows, limit: int) -> list[int]:
        """Return the classes with a column: [0] stands for a number, [1] for two classes."""
        if rows.classes <= 2:
            return [max(0, rows.classes - 1)]
        common = rows.select(f"SELECT _y FROM train GROUP BY _y ORDER BY count(*) DESC, _y LIMIT {limit}")
        return sorted(int(c) for (c,) in common)

    def _means(self, params: Mapping[str, Any], state: State) -> Doubles:
        """Return [key + 1, class, fold + 1]: the last key is unseen, the last "fold" leaves nothing out."""
        counts = np.asarray(state["counts"], float).reshape(len(state["keys"]), 1, -1)
        folds = counts.shape[2]
        sums = np.asarray(state["sums"], float).reshape(len(state["keys"]), -1, folds)
        counts = np.concatenate([np.broadcast_to(counts, sums.shape), np.zeros_like(sums[:1])])
        sums = np.concatenate([sums, np.zeros_like(sums[:1])])
        priors = _leave_out(np.asarray(state["fold_sums"], float)) / np.maximum(
            1.0, _leave_out(np.asarray(state["fold_counts"], float)[None])
        )
        weight = params["smoothing"]
        shared, seen = _leave_out(sums), _leave_out(counts)
        means = np.where(
            seen + weight > 0, (shared + weight * priors) / np.maximum(seen + weight, 1e-300), priors[None]
        )
        if params["standardise"]:
            share = counts.sum(axis=2) / np.maximum(1.0, counts.sum(axis=(0, 2)))
            centre = (share * means[..., -1]).sum(axis=0)
            spread = np.sqrt((share * (means[..., -1] - centre) ** 2).sum(axis=0))
            means = (means - centre[None, :, None]) / np.where(spread > 1e-12, spread, 1.0)[None, :, None]
        return np.clip(means, -FLOAT_MAX, FLOAT_MAX)


def _leave_out(cells: Doubles) -> Doubles:
    """Add up the last axis without each fold in turn, then with all; the fold left out is never touched."""
    folds = cells.shape[-1]
    others = [np.delete(cells, fold, axis=-1).sum(axis=-1) for fold in range(folds)]
    return np.stack([*others, cells.sum(axis=-1)], axis=-1)


TRANSFORM = TargetEncode()
