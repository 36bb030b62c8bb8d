"""The peers' own environments: exact versions, away from ours, made once."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
#: XGBoost is one version for FLAML (below 3) and another for AutoGluon, so each has a folder.
ENVIRONMENTS = ("autogluon", "flaml")
#: Which environment a system runs in.
HOMES: Mapping[str, str] = {"autogluon": "autogluon", "flaml": "flaml", "lightgbm": "autogluon"}
STAMP = "aimass-stamp"
GIGABYTES_NEEDED = 16
#: A machine whose pip finds torch built for processors alone does without these 4 GB.
GPU_PACKAGES = ("cuda-", "nvidia-", "triton==")


def default_folder() -> Path:
    """Return where the environments are made unless told otherwise."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "aimass" / "peers"


def python_of(peers: Path, system: str) -> Path:
    """Return the interpreter that runs `system`.   Raises: SystemExit when its environment is not there."""
    home = HOMES[system]
    if not _is_made(peers / home, home):
        raise SystemExit(f"The environment of {home} is not made. Run: scripts/bench/quality setup")
    return peers / home / "bin" / "python"


def make(peers: Path) -> None:
    """Make every environment that is not there yet, from the versions in peers-NAME.txt.

    torchvision is in neither: nothing here looks at pictures, and one built for another torch breaks what finds it.
    """
    for name in ENVIRONMENTS:
        folder = peers / name
        if _is_made(folder, name):
            print(f"{name}: already made, {folder}")
            continue
        peers.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(peers).free / 1e9
        if name == "autogluon" and free < GIGABYTES_NEEDED:
            raise SystemExit(f"{peers} has {free:.0f} GB free; {GIGABYTES_NEEDED} are needed.")
        print(f"{name}: installing into {folder} …", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        wanted = _requirements(name).read_text(encoding="utf-8").split()
        for_gpu = [each for each in wanted if each.startswith(GPU_PACKAGES)]
        _install(folder, [each for each in wanted if each not in for_gpu])
        if for_gpu and not _imports(folder, "torch"):
            _install(folder, for_gpu)
        (folder / STAMP).write_text(_print(name), encoding="utf-8")


def _install(folder: Path, packages: Sequence[str]) -> None:
    # The files are complete, so nothing is resolved: what a package would have wished for is not asked.
    command = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-deps", "--no-cache-dir"]
    subprocess.run([*command, *packages], check=True)


def _imports(folder: Path, module: str) -> bool:
    command = [folder / "bin" / "python", "-c", f"import {module}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _requirements(name: str) -> Path:
    return HERE / f"peers-{name}.txt"


def _print(name: str) -> str:
    return hashlib.sha256(_requirements(name).read_bytes()).hexdigest()


def _is_made(folder: Path, name: str) -> bool:
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text(encoding="utf-8") == _print(name)
