"""What is too long to be read in one sitting is cut in two."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

MODULE_LINES = 400
FUNCTION_LINES = 60
CLASS_LINES = 200
PARAMETERS = 7

Functions = ast.FunctionDef | ast.AsyncFunctionDef


def test_no_module_is_longer_than_400_lines(
    repository: Path, source_modules: Mapping[Path, ast.Module]
) -> None:
    lengths = {path: len((repository / path).read_text("utf-8").splitlines()) for path in source_modules}
    assert {path: lines for path, lines in lengths.items() if lines > MODULE_LINES} == {}


def test_no_function_is_longer_than_60_lines(source_modules: Mapping[Path, ast.Module]) -> None:
    assert [name for name, node in _all(source_modules, Functions) if _lines(node) > FUNCTION_LINES] == []


def test_no_function_takes_more_than_7_parameters(source_modules: Mapping[Path, ast.Module]) -> None:
    assert [name for name, node in _all(source_modules, Functions) if _parameters(node) > PARAMETERS] == []


def test_no_class_is_longer_than_200_lines(source_modules: Mapping[Path, ast.Module]) -> None:
    assert [name for name, node in _all(source_modules, ast.ClassDef) if _lines(node) > CLASS_LINES] == []


def test_every_module_and_public_function_has_a_docstring(source_modules: Mapping[Path, ast.Module]) -> None:
    bare = [str(path) for path, tree in source_modules.items() if tree.body and not ast.get_docstring(tree)]
    for path, tree in source_modules.items():
        for node in tree.body:
            is_public = isinstance(node, Functions) and not node.name.startswith("_")
            if is_public and not ast.get_docstring(node):
                bare.append(f"{path}: {node.name}")
    assert bare == []


def _all(modules: Mapping[Path, ast.Module], kind: object) -> Iterator[tuple[str, ast.AST]]:
    for path, tree in modules.items():
        for node in ast.walk(tree):
            if isinstance(node, kind):
                yield f"{path}:{node.lineno} {node.name}", node


def _lines(node: ast.AST) -> int:
    return node.end_lineno - node.lineno + 1


def _parameters(node: Functions) -> int:
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return len([argument for argument in given if argument.arg not in {"self", "cls"}])
