"""Look at this machine: what works, what does not, and what to do about it."""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from app.settings import GIB, Settings

#: Library → the packages that it may come from: machines with and without a graphics card get different ones.
LIBRARIES = {
    **{
        name: (name,)
        for name in (
            "duckdb",
            "pyarrow",
            "onnx",
            "onnxruntime",
            "scikit-learn",
            "optuna",
            "lightgbm",
            "catboost",
            "keras",
        )
    },
    "xgboost": ("xgboost-cpu", "xgboost"),
    "tensorflow": ("tensorflow-cpu", "tensorflow"),
}
MIN_FREE_BYTES = 5 * GIB
NVIDIA_TIMEOUT_S = 10


@dataclass(frozen=True, kw_only=True)
class Check:
    """One look at the machine.   remedy: empty when all is well."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


def examine(folder: Path, settings: Settings) -> tuple[Check, ...]:
    """Return all checks: Python, packages, processor, memory, disk of `folder`, graphics cards."""
    return (
        Check(name="Python", ok=True, found=f"{platform.python_version()} on {platform.platform()}"),
        *_packages(),
        _memory(settings),
        _disk(folder),
        _devices(),
    )


def _packages() -> Iterator[Check]:
    for library, packages in LIBRARIES.items():
        found = next((_named(name, library, v) for name in packages if (v := _version(name))), None)
        yield Check(
            name=library,
            ok=found is not None,
            found=found or "not installed",
            remedy="" if found else "Run scripts/install.",
        )


def _named(package: str, library: str, version: str) -> str:
    return version if package == library else f"{package} {version}"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _memory(settings: Settings) -> Check:
    total = _total_memory()
    enough = total is None or settings.memory_bytes * 2 <= total
    return Check(
        name="processor and memory",
        ok=enough,
        found=f"{settings.threads} threads, {settings.memory_gib:g} GiB for data"
        + (f" of {total / GIB:.1f} GiB" if total else ""),
        remedy="" if enough else "Lower AIMASS_MEMORY_GIB to at most half of the memory.",
    )


def _total_memory() -> int | None:
    path = Path("/proc/meminfo")
    if not path.exists():
        return None
    line = next((text for text in path.read_text().splitlines() if text.startswith("MemTotal:")), None)
    return int(line.split()[1]) * 1024 if line else None


def _disk(folder: Path) -> Check:
    place = next((p for p in (folder.resolve(), *folder.resolve().parents) if p.exists()), Path("/"))
    free = shutil.disk_usage(place).free
    return Check(
        name="disk",
        ok=free >= MIN_FREE_BYTES,
        found=f"{free / GIB:.1f} GiB free at {place}",
        remedy="" if free >= MIN_FREE_BYTES else "Free some space or work in another folder.",
    )


def _devices() -> Check:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return Check(name="graphics cards", ok=True, found="none; training uses the processor")
    try:
        # The tool can hang when a card has fallen off the bus (RELIABILITY F65).
        answer = subprocess.run(
            [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"],
            capture_output=True, text=True, timeout=NVIDIA_TIMEOUT_S, check=True,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError) as error:
        return Check(
            name="graphics cards",
            ok=False,
            found=f"the driver does not answer: {type(error).__name__}",
            remedy="Check the driver with nvidia-smi; processor training works meanwhile.",
        )
    return Check(name="graphics cards", ok=True, found="; ".join(answer.stdout.strip().splitlines()))
