"""A family, transform or splitter is named in its own file and where it is proposed, nowhere else.

Everyone else goes through the catalogue, so a new member is one file and one word.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from engine.families import CATALOGUE as FAMILIES
from engine.splitters import CATALOGUE as SPLITTERS
from engine.transforms import CATALOGUE as TRANSFORMS
from tests.architecture.conftest import every_node

# Noun → (names, the one module beside the members' own that may choose among them by name).
CATALOGUES = {
    "family": ({member.name for member in FAMILIES}, Path("engine/training/propose.py")),
    "splitter": ({member.name for member in SPLITTERS}, Path("engine/splitters/propose.py")),
    "transform": ({member.name for member in TRANSFORMS}, Path("engine/transforms/propose.py")),
}
# Words that other things are called too ("time" an event's field, "log" a scale, "lightgbm" a package): they
# name a member only where the noun stands beside them, as in `family="linear"` or `step.transform == "log"`.
PLAIN_WORDS = {
    *(
        "baseline",
        "catboost",
        "clip",
        "extra_trees",
        "frequency",
        "given",
        "index",
        "lightgbm",
        "linear",
        "log",
        "random",
    ),
    "xgboost",
    *("standardise", "time"),
}
# May only shrink.
EXCEPTIONS = {
    (
        Path("engine/advice/split.py"),
        "time",
    ),  # "your rows have dates" is no advice where they were split by date
}


@pytest.mark.parametrize("noun", CATALOGUES)
def test_a_name_is_spelled_in_its_own_file_only(noun: str, source_modules: Mapping[Path, ast.Module]) -> None:
    names, chooser = CATALOGUES[noun]
    homes = {(path, name) for path, tree in source_modules.items() for name in _declared(tree) & names}
    assert {name for _, name in homes} == names
    scattered = [
        f"{path}: {name!r}"
        for path, tree in source_modules.items()
        for name in sorted(_spelled(tree, noun) & names)
        if path != chooser and (path, name) not in homes | EXCEPTIONS
    ]
    assert scattered == []


@pytest.mark.parametrize(
    ("source", "spelled"),
    [
        ('Candidate(family="linear")', {"linear"}),
        ('step.family == "linear"', {"linear"}),
        ('family in ("linear", "random_forest")', {"linear", "random_forest"}),
        ('view = "linear"', set()),
        ('x = "random_forest"', {"random_forest"}),
        ('"""random_forest"""', set()),
    ],
)
def test_spellings_are_seen(source: str, spelled: set[str]) -> None:
    assert _spelled(ast.parse(source), "family") & {"linear", "random_forest"} == spelled


def _declared(tree: ast.Module) -> set[str]:
    """Names a module gives: `name="x"` in a call, or `name = "x"` in a class."""
    found = set()
    for node in every_node(tree):
        if isinstance(node, ast.Call):
            found |= {_text(k.value) for k in node.keywords if k.arg == "name"}
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {_text(node.value) for target in targets if getattr(target, "id", "") == "name"}
    return found - {""}


def _spelled(tree: ast.Module, noun: str) -> set[str]:
    docstrings = {id(n.value) for n in every_node(tree) if isinstance(n, ast.Expr)}
    every = {_text(n) for n in every_node(tree) if isinstance(n, ast.Constant) and id(n) not in docstrings}
    return (every - PLAIN_WORDS) | {_text(n) for part in _beside(tree, noun) for n in ast.walk(part)} - {""}


def _beside(tree: ast.Module, noun: str) -> Iterator[ast.expr]:
    """Expressions that are given as `noun=…` or compared with something called `noun`."""
    for node in every_node(tree):
        if isinstance(node, ast.keyword) and node.arg == noun:
            yield node.value
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(getattr(side, "attr", getattr(side, "id", "")) == noun for side in sides):
                yield from sides


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
