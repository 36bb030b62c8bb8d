"""Imports are at the top, point downward, and bring no pickle."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.architecture.conftest import every_node

PICKLERS = {"pickle", "cPickle", "_pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal", "copyreg"}
PICKLING_CALLS = {"to_pickle", "read_pickle"}

# The only functions that may import: a heavy library comes when a family trains or a sampler proposes, not before.
LATE = {
    Path("engine", "families"): {"build", "preview"},
    Path("engine", "search"): {"_spread", "_expected"},
}

HEAVY = ("tensorflow", "keras", "sklearn", "lightgbm", "skl2onnx", "onnxmltools", "tf2onnx", "pandas")

Import = ast.Import | ast.ImportFrom
Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_no_function_imports_except_what_brings_a_heavy_library(
    source_modules: Mapping[Path, ast.Module],
) -> None:
    hidden = [
        f"{path}:{line} in {function}"
        for path, tree in source_modules.items()
        for function, line in _local_imports(tree)
        if not any(room in path.parents and function in names for room, names in LATE.items())
    ]
    assert hidden == []


def test_nothing_pickles(source_modules: Mapping[Path, ast.Module]) -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in source_modules.items()
        for node in every_node(tree)
        if _pickles(node)
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    ["import pickle", "from joblib import dump", "np.load(f, allow_pickle=True)", "frame.to_pickle(p)"],
)
def test_pickles_are_seen(source: str) -> None:
    assert any(_pickles(node) for node in ast.walk(ast.parse(source)))


def test_import_contracts_hold(repository: Path) -> None:
    """The layers of pyproject.toml; `lint-imports` says which import breaks which."""
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [str(lint), "--no-logo"], cwd=repository, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_serving_never_loads_what_training_needs(repository: Path) -> None:
    """The contract reads imports; this runs them, so that a library which imports another is seen too."""
    program = (
        "import importlib, pkgutil, sys, engine.serving as room\n"
        "for m in pkgutil.walk_packages(room.__path__, 'engine.serving.'): importlib.import_module(m.name)\n"
        f"print(*(name for name in {HEAVY} if name in sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout.split()) == (0, []), result.stderr


def test_the_pipeline_is_imported_without_what_trains_or_searches(repository: Path) -> None:
    """Every command and every worker pays for it: statistics and scikit-learn alone would triple what it takes."""
    heavy = (*HEAVY, "scipy.stats", "matplotlib")
    program = f"import sys, app.usecases.pipeline; print(*(name for name in {heavy} if name in sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout.split()) == (0, []), result.stderr


def _local_imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """(outermost function, line) of every import inside a function."""
    for outer in (n for n in tree.body if isinstance(n, Function | ast.ClassDef)):
        functions = (
            [outer] if isinstance(outer, Function) else [n for n in outer.body if isinstance(n, Function)]
        )
        for function in functions:
            for node in ast.walk(function):
                if isinstance(node, Import):
                    yield function.name, node.lineno


def _pickles(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] in PICKLERS for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] in PICKLERS
    if isinstance(node, ast.Call):
        asks = any(
            k.arg == "allow_pickle" and not (isinstance(k.value, ast.Constant) and k.value.value is False)
            for k in node.keywords
        )
        return asks or getattr(node.func, "attr", "") in PICKLING_CALLS
    return False
