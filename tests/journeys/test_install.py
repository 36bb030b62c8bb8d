"""Installing: made once, then silent and offline; half-made is made again; what cannot be done is said.

The real script runs in a scratch tree whose lock holds no packages, so nothing here needs a network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow

# The smallest editable build there is: the real one needs the setuptools of the real lock.
BACKEND = """
import os, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "aimass-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        info = "aimass-1.dist-info/"
        wheel.writestr("aimass.pth", os.getcwd() + os.linesep)
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: aimass\\nVersion: 1\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "entry_points.txt", "[console_scripts]\\naimass = app.cli:main\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree with our scripts, a lock without packages, and a CLI that tells where it was called."""
    root = tmp_path / "source tree"
    (root / "scripts").mkdir(parents=True)
    for name in ("install", "aimass"):
        shutil.copy(ROOT / "scripts" / name, root / "scripts")
    for kind in ("cpu", "gpu", "dev"):
        (root / "scripts" / f"requirements-{kind}.txt").write_text("")
    (root / "app").mkdir()
    (root / "app" / "cli.py").write_text("import os, sys\ndef main(): print(os.getcwd(), *sys.argv[1:])\n")
    (root / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "aimass"\nversion = "1"\n'
    )
    (root / "backend.py").write_text(BACKEND)
    return root


def run(script: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(script), *arguments],
        env=os.environ | {"PYTHON": sys._base_executable, "AIMASS_LOCK": "cpu"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_first_call_installs_and_the_next_ones_are_silent(tree: Path, tmp_path: Path) -> None:
    first = run(tree / "scripts" / "aimass", "run", "a b.csv")
    assert first.returncode == 0, first.stderr
    assert "installing the cpu packages" in first.stderr
    assert first.stdout == f"{Path.cwd()} run a b.csv\n"

    link = tmp_path / "aimass"
    link.symlink_to(tree / "scripts" / "aimass")
    again = run(link, "doctor")
    assert (again.stdout, again.stderr) == (f"{Path.cwd()} doctor\n", "")


def test_a_half_made_environment_is_made_again(tree: Path) -> None:
    (tree / ".venv" / "bin").mkdir(parents=True)
    (tree / ".venv" / "bin" / "python").symlink_to("/nowhere/python")
    (tree / ".venv" / "left-over").touch()
    assert run(tree / "scripts" / "install").returncode == 0
    assert not (tree / ".venv" / "left-over").exists()
    assert run(tree / "scripts" / "install").stderr == ""


def test_a_changed_lock_installs_anew_and_dev_comes_on_top(tree: Path) -> None:
    assert run(tree / "scripts" / "install").returncode == 0
    (tree / ".venv" / "left-over").touch()
    assert "for tests" in run(tree / "scripts" / "install", "dev").stderr
    assert (tree / ".venv" / "left-over").exists()
    assert run(tree / "scripts" / "install", "dev").stderr == ""

    (tree / "scripts" / "requirements-cpu.txt").write_text("# another day\n")
    assert "cpu packages" in run(tree / "scripts" / "install").stderr
    assert not (tree / ".venv" / "left-over").exists()


def test_a_failed_download_fails_in_words_and_the_next_call_starts_over(tree: Path) -> None:
    lock = tree / "scripts" / "requirements-cpu.txt"
    lock.write_text(f"no-such-package-anywhere==1 --hash=sha256:{'0' * 64}\n")
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    failed = run(tree / "scripts" / "aimass", "doctor", **offline)
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert "could not be installed" in failed.stderr
    assert "run the same again" in failed.stderr

    lock.write_text("")
    assert run(tree / "scripts" / "aimass", "doctor").returncode == 0


def test_no_fitting_python_is_one_clear_sentence(tree: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("bash", "cat", "cut", "dirname", "flock", "sha256sum"):
        (tools / tool).symlink_to(shutil.which(tool) or tool)
    (tools / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tools / "python3").chmod(0o755)
    refused = run(tree / "scripts" / "install", PATH=str(tools), PYTHON="")
    assert refused.returncode == 1
    assert "no Python 3.11, 3.12 or 3.13" in refused.stderr
    assert not (tree / ".venv").exists()


def test_a_wrong_lock_is_refused_with_the_remedy(tree: Path) -> None:
    refused = run(tree / "scripts" / "install", AIMASS_LOCK="tpu")
    assert refused.returncode == 1
    assert "Expected cpu or gpu. Received: tpu. Unset AIMASS_LOCK." in refused.stderr
