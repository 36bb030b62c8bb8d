"""Trees of any library as one ONNX TreeEnsembleRegressor that decides exactly as the library does.

Libraries compare float32 features with float64 thresholds; onnxruntime compares float32 with float32. For a
float32 x, `x <= t` is `x <= r` where r is the largest float32 not above t, so rounding thresholds towards
minus infinity keeps every decision, also for features lying exactly on a threshold.
Source: ONNX ai.onnx.ml TreeEnsembleRegressor; measured: comparing in float64 instead is three times slower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.families.fitted import Doubles
from engine.transforms.graph import ML_DOMAIN, Graph

Ints = npt.NDArray[np.int64]
#: Bytes of one node in the file, measured on forests of 2 classes; leaves with more outputs cost more.
NODE_BYTES = 30
LEAF_OUTPUT_BYTES = 12


@dataclass(frozen=True, kw_only=True)
class Tree:
    """One binary tree, node 0 its root. All arrays (nodes,); a leaf has left = -1.

    A row goes left when its feature is <= threshold; NaN goes left where missing_left.   values: (nodes, K),
    what a leaf adds to each of K outputs.
    """

    feature: Ints
    threshold: Doubles
    left: Ints
    right: Ints
    missing_left: npt.NDArray[np.bool_]
    values: Doubles


def float32_floor(values: Doubles) -> npt.NDArray[np.float32]:
    """Return the largest float32 not above each value.

    >>> [float(v) for v in float32_floor(np.array([0.5, 0.1]))]
    [0.5, 0.09999999403953552]
    """
    with np.errstate(over="ignore"):
        rounded = values.astype(np.float32)
        below = np.nextafter(rounded, np.float32(-np.inf))
    return np.where(rounded.astype(np.float64) > values, below, rounded)


def add_trees(
    graph: Graph, features: str, trees: Sequence[Tree], *, scale: float = 1.0, base: Doubles | None = None
) -> str:
    """Add the sum over `trees`, times `scale`, as a float tensor [N, K].   base: (K,), added to every row.

    Leaf values are centred per output and the centre is added once as a base value, and trees of small values, as
    boosting's last ones, are summed first: float32 sums over many trees then lose less.
    """
    trees = sorted(trees, key=lambda tree: float(np.abs(tree.values).max()))
    outputs = trees[0].values.shape[1]
    counts = np.array([len(tree.left) for tree in trees])
    leaf = np.concatenate([tree.left for tree in trees]) < 0
    tree_ids = np.repeat(np.arange(len(trees)), counts)
    node_ids = np.concatenate([np.arange(count) for count in counts])
    leaf_values = np.concatenate([tree.values for tree in trees])[leaf] * scale
    leaf_tree_ids = tree_ids[leaf]
    sums = np.zeros((len(trees), outputs))
    np.add.at(sums, leaf_tree_ids, leaf_values)
    centres = sums / np.bincount(leaf_tree_ids, minlength=len(trees))[:, None]
    weights = (leaf_values - centres[leaf_tree_ids]).astype(np.float32)
    thresholds = float32_floor(np.concatenate([tree.threshold for tree in trees]))
    missing = np.concatenate([tree.missing_left for tree in trees])
    leaf_rows, leaf_outputs = np.nonzero(_owned(leaf_values, leaf_tree_ids, len(trees))[leaf_tree_ids])

    def branches(parts: Sequence[Ints]) -> Ints:
        return np.where(leaf, 0, np.concatenate(parts)).astype(np.int64)

    return graph.node(
        "TreeEnsembleRegressor",
        features,
        domain=ML_DOMAIN,
        n_targets=outputs,
        aggregate_function="SUM",
        post_transform="NONE",
        base_values=(centres.sum(axis=0) + (0.0 if base is None else base)).astype(np.float32),
        nodes_treeids=tree_ids.astype(np.int64),
        nodes_nodeids=node_ids.astype(np.int64),
        nodes_featureids=branches([tree.feature for tree in trees]),
        nodes_modes=np.where(leaf, b"LEAF", b"BRANCH_LEQ"),
        nodes_values=np.where(leaf, np.float32(0), thresholds),
        nodes_truenodeids=branches([tree.left for tree in trees]),
        nodes_falsenodeids=branches([tree.right for tree in trees]),
        nodes_missing_value_tracks_true=np.where(leaf, False, missing).astype(np.int64),
        target_treeids=leaf_tree_ids[leaf_rows].astype(np.int64),
        target_nodeids=node_ids[leaf][leaf_rows].astype(np.int64),
        target_ids=leaf_outputs.astype(np.int64),
        target_weights=weights[leaf_rows, leaf_outputs],
    )


def _owned(leaf_values: Doubles, leaf_tree_ids: Ints, trees: int) -> npt.NDArray[np.bool_]:
    """Say which outputs each tree adds to: (trees, K). Zeros for the other classes would only cost time.

    onnxruntime adds an output's base value only to rows that some leaf gives a weight for that output, so the
    first tree speaks for all of them; and every leaf needs one weight.
    """
    owned = np.zeros((trees, leaf_values.shape[1]), bool)
    rows, outputs = np.nonzero(leaf_values)
    owned[leaf_tree_ids[rows], outputs] = True
    owned[:, 0] |= ~owned.any(axis=1)
    owned[0] = True
    return owned
