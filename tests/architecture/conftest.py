"""The source tree as the architecture tests read it."""

from __future__ import annotations

import ast
import functools
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "engine", "store", "pages")


@functools.cache
def every_node(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Return all nodes of a module, breadth first; several tests walk the same trees."""
    return tuple(ast.walk(tree))


@functools.cache
def parsed_tests() -> dict[Path, ast.Module]:
    """Return every test file, by its path, parsed."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return {file: ast.parse(file.read_text(encoding="utf-8")) for file in files}


@pytest.fixture(scope="session")
def source_modules() -> Mapping[Path, ast.Module]:
    """Every module of the product, by its path from the root, parsed."""
    files = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    assert len(files) > 20, "the source tree was not found"
    return {file.relative_to(ROOT): ast.parse(file.read_text(encoding="utf-8")) for file in files}


@pytest.fixture(scope="session")
def tracked_files() -> tuple[Path, ...]:
    """Every file that git keeps; a tree without git (an unpacked archive) has none to look at."""
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=False
    )
    if listing.returncode != 0:
        pytest.skip("not a git work tree")
    return tuple(ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file())
