"""The model families. A new one is one file here plus one word in CATALOGUE; no heavy library is imported."""

from __future__ import annotations

from engine.errors import BadCommand
from engine.families import (
    baseline,
    catboost,
    convnext,
    decision_tree,
    extra_trees,
    lightgbm,
    linear,
    mlp,
    nearest_neighbours,
    random_forest,
    resnet,
    separable_cnn,
    small_cnn,
    svm,
    tabm,
    transfer,
    xgboost,
)
from engine.families.base import Family

#: In the order a person reads them: simple ones first.
CATALOGUE: tuple[Family, ...] = (
    baseline.FAMILY,
    linear.FAMILY,
    nearest_neighbours.FAMILY,
    svm.FAMILY,
    decision_tree.FAMILY,
    random_forest.FAMILY,
    extra_trees.FAMILY,
    lightgbm.FAMILY,
    xgboost.FAMILY,
    catboost.FAMILY,
    mlp.FAMILY,
    tabm.FAMILY,
    transfer.FAMILY,
    small_cnn.FAMILY,
    resnet.FAMILY,
    separable_cnn.FAMILY,
    convnext.FAMILY,
)


def family(name: str) -> Family:
    """Return the family called `name`.   Raises: BadCommand that lists the names there are."""
    for candidate in CATALOGUE:
        if candidate.name == name:
            return candidate
    raise BadCommand(
        f"There is no such model family. Expected one of {[f.name for f in CATALOGUE]}. Received: {name!r}.",
        remedy="Use names from the list with --families.",
    )
