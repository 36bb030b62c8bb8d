"""onnxruntime tells its maker nothing: it is told so before it is loaded, wherever that is."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPEN = """
import sys
from pathlib import Path
from engine.serving.model import ServedModel
ServedModel.open(Path(sys.argv[1]))
"""


def loads_onnxruntime(file: Path) -> bool:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any(name.partition(".")[0] == "onnxruntime" for name in names):
            return True
    return False


def test_only_the_engine_loads_it() -> None:
    """`engine/__init__.py` says the word, and Python runs it before any module of the engine."""
    rooms = [path for room in ("app", "pages", "store", "engine") for path in (ROOT / room).rglob("*.py")]
    loading = {path.relative_to(ROOT).parts[0] for path in rooms if loads_onnxruntime(path)}
    assert loading == {"engine"}


@pytest.mark.parametrize("wish", ["", "0"])
def test_opening_a_model_leaves_no_identifier_behind(wish: str, small_model: bytes, tmp_path: Path) -> None:
    """Whatever the environment wishes. What it reports by stands in the home folder: without our word, two files."""
    model, home = tmp_path / "model.onnx", tmp_path / "home"
    model.write_bytes(small_model)
    home.mkdir()
    # In continuous integration it keeps silent by itself, which would prove nothing.
    known = {name: value for name, value in os.environ.items() if name in ("PATH", "LD_LIBRARY_PATH")}
    environment = {**known, "HOME": str(home), "ORT_DISABLE_TELEMETRY": wish}
    subprocess.run([sys.executable, "-c", OPEN, str(model)], cwd=ROOT, env=environment, check=True)
    assert [str(path) for path in home.rglob("*onnxruntime*")] == []
