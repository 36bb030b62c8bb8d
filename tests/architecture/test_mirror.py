"""`engine/x/y.py` is tested in `tests/engine/x/test_y.py`; a file that tests nothing does not count."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.architecture.conftest import every_node, parsed_tests

# Contracts (`base.py`) and catalogues (`__init__.py`) are proven by the laws in tests/conformance.
EXEMPT_NAMES = {"__init__.py", "__main__.py", "base.py"}
#: Playwright's `expect` waits for what it expects, and fails when it does not come.
ASSERTING_CALLS = ("assert_", "check_", "expect")


def test_every_module_with_logic_has_a_test_file(
    repository: Path, source_modules: Mapping[Path, ast.Module]
) -> None:
    missing = [
        str(_mirror(path))
        for path, tree in source_modules.items()
        if path.name not in EXEMPT_NAMES and _has_logic(tree) and not (repository / _mirror(path)).is_file()
    ]
    assert missing == []


def test_every_test_file_tests_something() -> None:
    idle = [str(file) for file, tree in parsed_tests().items() if not list(_tests(tree))]
    assert idle == []


def test_every_test_can_fail() -> None:
    cannot = []
    for file, tree in parsed_tests().items():
        asserting = _asserting_functions(tree)
        cannot += [f"{file.name}: {test.name}" for test in _tests(tree) if not _asserts(test, asserting)]
    assert cannot == []


@pytest.mark.parametrize(
    ("source", "can_fail"),
    [
        ("def test_a(): assert 1 == 2", True),
        ("def test_a():\n    with pytest.raises(ValueError): int('x')", True),
        ("def law(): assert f()\ndef test_a(): law()", True),
        ("def test_a(): pass", False),
        ("def test_a(): print(f())", False),
    ],
)
def test_the_reading_of_tests_is_right(source: str, can_fail: bool) -> None:
    tree = ast.parse(source)
    assert [_asserts(test, _asserting_functions(tree)) for test in _tests(tree)] == [can_fail]


def _mirror(path: Path) -> Path:
    return Path("tests", path.parent, f"test_{path.name}")


def _has_logic(tree: ast.Module) -> bool:
    """A function with more than a docstring, an ellipsis or one plain `return`ed attribute is logic."""
    functions = [n for n in every_node(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return any(not _is_trivial(statement) for function in functions for statement in function.body)


def _is_trivial(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Return)
        and isinstance(statement.value, ast.Constant | ast.Attribute | ast.Name | None)
    )


def _tests(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in every_node(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def _asserting_functions(tree: ast.Module) -> set[str]:
    """Names of this file's functions and methods that assert, directly or through each other."""
    functions = [n for n in every_node(tree) if isinstance(n, ast.FunctionDef)]
    names: set[str] = set()
    while True:
        found = {function.name for function in functions if _asserts(function, names)}
        if found == names:
            return names
        names = found


def _asserts(function: ast.FunctionDef, asserting: set[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in asserting or name in {"raises", "fail"} or name.startswith(ASSERTING_CALLS):
                return True
    return False
