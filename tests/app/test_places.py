"""No sentence that the portal shows names an option of the command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.language import translator
from app.places import in_portal

OPTION = re.compile(r"(?<![-\w])--[a-z]")
#: The option that a finding holds beside its sentences: the page of a report names its place itself.
BARE = re.compile(r"--[a-z-]+(?: '?\{?[\w:.]*\}?'?)*(?: --[a-z-]+ '\{\w+\}')?")


def read(node: ast.expr) -> str | None:
    """Return the text of a literal, an f-string or their sum, names standing for values; None for other code."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        parts = [read(part) if isinstance(part, ast.Constant) else "regression" for part in node.values]
        return "".join(part or "" for part in parts)
    if isinstance(node, ast.BinOp):
        left, right = read(node.left), read(node.right)
        return None if left is None or right is None else left + right
    if isinstance(node, ast.IfExp):
        return read(node.body)
    return None


def sentences(engine: Path) -> Iterator[tuple[str, str]]:
    """Yield (place, text) of every text in the engine's source that names an option."""
    for path in sorted(engine.rglob("*.py")):
        inner: set[int] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.expr) or id(node) in inner:
                continue
            text = read(node)
            if text is not None:
                inner |= {id(child) for child in ast.walk(node)}
                if OPTION.search(text):
                    yield f"{path}:{node.lineno}", text


def test_every_sentence_of_the_engine_has_one_of_the_portal(repository: Path) -> None:
    found = [(place, text) for place, text in sentences(repository / "engine") if not BARE.fullmatch(text)]
    assert len(found) > 20
    chinese = translator("zh_CN")
    named = [(place, in_portal(text)) for place, text in found if OPTION.search(in_portal(text))]
    assert named == []
    assert [place for place, text in found if OPTION.search(chinese.tell(text))] == []


@pytest.mark.parametrize(
    ("said", "shown", "chinese"),
    [
        (
            "No model. Give a longer --time-limit, so that a model finishes.",
            "No model. Give the run more time on the step Models, so that a model finishes.",
            "",
        ),
        ("Did you mean `--target 'Churn'`?", "Did you mean the column 'Churn'?", "您要找的是列 'Churn' 吗？"),
        ("Use `--task multiclass`.", "Ask for one of several classes instead.", "请改为预测多个类别之一。"),
        ("Expected: 'age' (--keep), 'sum' (--drop).", "Expected: 'age', 'sum'.", ""),
        ("Choose -- or leave it.", "Choose -- or leave it.", ""),
        ("Nothing to say here.", "Nothing to say here.", ""),
    ],
)
def test_the_place_is_named_instead(said: str, shown: str, chinese: str) -> None:
    assert translator("en").tell(said) == shown
    if chinese:
        assert translator("zh_CN").tell(said) == chinese
