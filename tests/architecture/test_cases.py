"""A test's cases have the same names in every worker: names made of chance or time stop a parallel run."""

from __future__ import annotations

import ast

from tests.architecture.conftest import every_node, parsed_tests

#: Calls that make a text of chance; a text is a case's name.
CHANGING = {"new_id", "uuid4", "token_hex", "token_urlsafe"}


def test_no_case_is_named_by_chance() -> None:
    found = []
    for file, tree in parsed_tests().items():
        for node in every_node(tree):
            if isinstance(node, ast.Call) and _name(node.func) == "parametrize":
                found += [f"{file.name}: {name}" for name in _unnamed_calls(node)]
    assert found == []


def _unnamed_calls(cases: ast.Call) -> list[str]:
    """Return the changing calls inside the cases that stand in no `pytest.param(…, id=…)`."""
    named = {
        id(inner)
        for node in ast.walk(cases)
        if isinstance(node, ast.Call) and _name(node.func) == "param"
        for inner in ast.walk(node)
        if any(keyword.arg == "id" for keyword in node.keywords)
    }
    calls = [node for node in ast.walk(cases) if isinstance(node, ast.Call) and id(node) not in named]
    packed = [node for node in calls if _is_gzip(node) and not node.keywords]
    return [_name(node.func) for node in calls if _name(node.func) in CHANGING] + ["gzip"] * len(packed)


def _is_gzip(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == "gzip.compress"


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
