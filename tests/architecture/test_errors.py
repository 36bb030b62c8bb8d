"""Errors teach: each one says what is wrong in a sentence, and has one remedy in the imperative."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from engine import errors
from tests.architecture.conftest import every_node

BASE = "AimassError"


def test_every_own_error_is_built_with_a_remedy(source_modules: Mapping[Path, ast.Module]) -> None:
    assert [where for where, call in _built(source_modules) if _remedy(call) is None] == []


def test_every_message_and_remedy_is_a_sentence(source_modules: Mapping[Path, ast.Module]) -> None:
    """As far as it is written out: both end as a sentence ends, and a remedy begins with a capital."""
    ragged = []
    for where, call in _built(source_modules):
        message_end = _edges(_message(call))[1].rstrip()
        remedy_start, remedy_end = _edges(_remedy(call))
        if any(end and not end.endswith((".", "?")) for end in (message_end, remedy_end)):
            ragged.append(f"{where}: ends without a full stop")
        if any(isinstance(t, ast.Constant) and not t.value for t in (_message(call), _remedy(call))):
            ragged.append(f"{where}: says nothing")
        if remedy_start[:1].islower():
            ragged.append(f"{where}: the remedy begins in lower case")
    assert ragged == []


def test_no_plain_exception_is_raised(source_modules: Mapping[Path, ast.Module]) -> None:
    plain = [
        f"{path}:{node.lineno}"
        for path, tree in source_modules.items()
        for node in every_node(tree)
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and getattr(node.exc.func, "id", "") in {"Exception", "BaseException", "RuntimeError"}
    ]
    assert plain == []


@pytest.mark.parametrize("kind", [kind for kind in vars(errors).values() if isinstance(kind, type)])
def test_every_kind_of_error_knows_its_exit_code(kind: type[errors.AimassError]) -> None:
    assert issubclass(kind, errors.AimassError)
    assert kind.exit_code in {1, 2}
    assert kind.__doc__


def _own_errors(modules: Mapping[Path, ast.Module]) -> set[str]:
    classes = [n for tree in modules.values() for n in every_node(tree) if isinstance(n, ast.ClassDef)]
    names = {BASE}
    while True:
        found = {
            c.name for c in classes if any(getattr(b, "id", getattr(b, "attr", "")) in names for b in c.bases)
        }
        if found <= names:
            return names
        names |= found


def _built(modules: Mapping[Path, ast.Module]) -> Iterator[tuple[str, ast.Call]]:
    names = _own_errors(modules)
    for path, tree in modules.items():
        for node in every_node(tree):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) in names
            ):
                yield f"{path}:{node.lineno}", node


def _message(call: ast.Call) -> ast.expr | None:
    return call.args[0] if call.args else None


def _remedy(call: ast.Call) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == "remedy"), None)


def _edges(text: ast.expr | None) -> tuple[str, str]:
    """The literal beginning and end of a string expression; "" where a value or a computed string stands."""
    if isinstance(text, ast.Constant) and isinstance(text.value, str):
        return text.value, text.value
    if isinstance(text, ast.JoinedStr):
        first, last = text.values[0], text.values[-1]
        return (
            first.value if isinstance(first, ast.Constant) else "",
            last.value if isinstance(last, ast.Constant) else "",
        )
    if isinstance(text, ast.BinOp):
        return _edges(text.left)[0], _edges(text.right)[1]
    return "", ""
