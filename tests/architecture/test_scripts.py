"""The scripts parse, can be run, say what they are for, and name no host."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(
    [*(p for p in (ROOT / "scripts").iterdir() if p.is_file() and not p.suffix), ROOT / ".ci" / "run"]
)
LOCKS = sorted((ROOT / "scripts").glob("requirements-*.txt"))

# A package comes from wherever the machine's pip is set to look: no file of ours may say where.
HOSTS = re.compile(r"--(extra-)?index-url|--find-links|(pypi|pythonhosted|anaconda|npmjs)\.(org|com)")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+(\[[\w,-]+\])?)==(?P<version>[^\s;]+)( ; [^\\]+)? \\$")


def test_the_words_of_the_readme_exist() -> None:
    assert {path.name for path in SCRIPTS} >= {"aimass", "check", "install", "lint", "lock", "run", "test"}
    assert {path.name for path in LOCKS} == {f"requirements-{kind}.txt" for kind in ("cpu", "dev", "gpu")}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_has_one_purpose_and_is_strict_bash_or_python(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert script.stat().st_mode & 0o111 == 0o111
    if lines[0] == "#!/usr/bin/env python3":
        assert (ast.get_docstring(ast.parse(text)) or "").partition(".")[0], (
            "the docstring says what it is for"
        )
        return
    assert lines[0] == "#!/usr/bin/env bash"
    assert re.match(r"# \S.*[.\]…]$", lines[1]) or "Usage:" in lines[1], "the second line says what it is for"
    assert "set -euo pipefail" in lines
    assert subprocess.run(["bash", "-n", str(script)], capture_output=True, check=False).stderr == b""


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_every_requirement_is_pinned_with_its_hashes(lock: Path) -> None:
    pinned = 0
    hashes = 1
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line.startswith("    --hash=sha256:"):
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)
            hashes += 1
        else:
            assert PIN.match(line), line
            assert hashes, f"no hash before {line}"
            pinned, hashes = pinned + 1, 0
    assert pinned > 10
    assert hashes


def test_the_locks_agree_with_each_other() -> None:
    cpu, dev, gpu = (_versions(lock) for lock in LOCKS)
    assert {name: dev[name] for name in dev.keys() & cpu.keys()} == {
        name: cpu[name] for name in dev.keys() & cpu.keys()
    }
    differing = {name for name in cpu.keys() | gpu.keys() if cpu.get(name) != gpu.get(name)}
    assert all(name.startswith(("tensorflow", "nvidia-", "xgboost")) for name in differing)
    assert "tensorflow-cpu" in cpu
    assert not any(name.startswith("nvidia-") for name in cpu)


def test_no_tracked_file_names_a_package_host(tracked_files: Sequence[Path]) -> None:
    this = Path(__file__).resolve()
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files
        if path != this
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if HOSTS.search(line.replace("--no-emit-find-links", "").replace("--no-emit-index-url", ""))
    ]
    assert found == []


def _versions(lock: Path) -> dict[str, str]:
    pins = (PIN.match(line) for line in lock.read_text(encoding="utf-8").splitlines())
    return {pin["name"]: pin["version"] for pin in pins if pin}
